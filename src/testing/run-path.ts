import { randomUUID } from 'node:crypto';
import { type AuditContext, type AuditEntry, auditContext } from '../index';
import { isOfRow } from './oracle/judge';
import { type Judgement, judgeChanges } from './oracle/judge-changes';
import { leaks, secretsOf } from './oracle/secrets';
import type { Row, Snapshot } from './oracle/snapshot';
import type { TrueChange } from './oracle/true-changes';
import type { Stage, WritePath } from './paths/path';
import type { Scratch } from './scratch';

export interface Heard extends Judgement {
  /** The write was refused, by the database, the entity or the library. */
  failed: boolean;
}

const preparation: AuditContext = { actor: 'conformance: preparation', reason: 'rows to start from' };

/** Runs one path on a scratch database of its own and judges what was recorded of it. */
export async function runPath(scratch: Scratch, path: WritePath, stage: Stage): Promise<Heard> {
  const { witness, hidden } = scratch;
  await witness.watch();
  const write = await auditContext.run(preparation, async () => {
    if (stage.metadata.treeType === 'nested-set') await stage.sampler.saved(stage.metadata);
    return path.prepare(stage);
  });
  const seen = await scratch.newestEntry();
  await witness.takeChanges();
  const before = await witness.snapshot();

  const flow: AuditContext = {
    actor: 'conformance',
    reason: path.name,
    correlationId: randomUUID(),
    source: 'typeorm-audit-trail/testing',
  };
  const failure = await auditContext.run(flow, () => failureOf(write));
  const truth = await witness.takeChanges();
  const bytes = await witness.auditBytes();
  const after = await witness.snapshot();
  const { entries, maps } = await scratch.entriesAfter(seen);
  bytes.push(...(await witness.auditBytes()));

  const { problems, ...counts } = judgeChanges({ before, after, truth, entries, maps, hidden });
  problems.push(...attribution(entries, flow, path.actors));
  if (path.name !== 'clear()' && entries.some(({ operation }) => operation === 'truncate'))
    problems.push('a marker says that a table was emptied as a whole, and it was not');
  problems.push(...leaks(secretsOf(rowsOf(before, after, truth), hidden), bytes));
  if (failure !== undefined) problems.unshift(`the write failed: ${failure}`);
  else if (path.expects === 'some' && truth.length === 0)
    problems.push('the write changed no row, so that there was nothing to see');
  else if (path.expects === 'none' && truth.length > 0) problems.push('the write should have changed no row');
  return { ...counts, problems, failed: failure !== undefined };
}

async function failureOf(write: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await write();
    return undefined;
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

function attribution(entries: readonly AuditEntry[], flow: AuditContext, actors: WritePath['actors']): string[] {
  return entries.filter(isOfRow).flatMap((entry) => {
    const { before, after } = entry;
    const possible = !actors
      ? [flow.actor]
      : before && after
        ? Object.values(actors)
        : [before ? actors.delete : actors.insert];
    const problems: string[] = [];
    if (!possible.includes(entry.actor ?? undefined))
      problems.push(`the actor is ${entry.actor}, and it was ${possible.join(' or ')}`);
    for (const field of ['reason', 'correlationId', 'source'] as const) {
      if (entry[field] !== flow[field]) problems.push(`the ${field} is ${entry[field]}, and it was ${flow[field]}`);
    }
    return problems.map((problem) => `entry ${entry.id} (${entry.table}): ${problem}`);
  });
}

function rowsOf(before: Snapshot, after: Snapshot, truth: readonly TrueChange[]): { table: string; row: Row }[] {
  const changed = truth.flatMap(({ table, ...images }) =>
    [images.before, images.after].flatMap((row) => (row ? [{ table, row }] : [])),
  );
  const held = [before, after].flatMap((snapshot) =>
    [...snapshot].flatMap(([table, { rows }]) => [...rows.values()].map(({ row }) => ({ table, row }))),
  );
  return [...held, ...changed];
}
