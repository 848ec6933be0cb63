import { performance } from 'node:perf_hooks';
import type { AloneOptions } from '../dialect/alone-database';
import { CheckSteps } from '../dialect/check-steps';
import { redactUrl } from '../dialect/url';
import { SwitchDiffersError, SwitchRefusedError } from '../errors';
import type { AuditContext } from '../model/context';
import type { PortableEntry } from '../model/portable-entry';
import type { CheckStep } from '../reports';
import { type Comparison, compareLogs } from './compare-logs';
import type { TablesTask } from './check-tables';
import { copyBlocks } from './copy-blocks';
import { block, type LogSide } from './log-side';
import { moveTables, type TableReport } from './move-tables';
import type { Note } from './note';
import { planTables, type TablePlan } from './plan-tables';
import { close, noteOf, preflight } from './preflight';

export interface SwitchOptions {
  /** Looks, and does nothing. */
  dryRun?: boolean;
  /** Compares what is there, and copies nothing. */
  verify?: boolean;
  /** The entities of the application: the preflight looks at their tables as well. */
  application?: AloneOptions | undefined;
  /** The tables of these entities move too. */
  tables?: 'all' | undefined;
  /** Where the target has none of them, they are made from the entities. */
  synchronize?: boolean;
  /** Who does it and why, for the entry that records it. */
  context?: AuditContext;
  /** Told after each block. What it throws ends the run, and what is done stays done. */
  onProgress?: (progress: SwitchProgress) => void;
}

export interface SwitchProgress {
  phase: 'copying' | 'comparing';
  of: 'entries' | 'rows';
  done: number;
  total: number;
  /** Entries or rows a second, of this run. */
  rate: number;
}

export interface SwitchReport {
  /** Nothing stands in the way, and what was compared is the same. */
  ok: boolean;
  steps: CheckStep[];
  /** URL of the target without its password. */
  target: string;
  /** Entries that this run made of the source's outbox. */
  drained: number;
  /** Entries that this run has copied. */
  copied: number;
  /** Entries a second, reading and writing together; null where none was copied. */
  rate: number | null;
  /** Undefined where nothing was compared. */
  comparison: Comparison | undefined;
  /** The application's tables, in the order in which they were copied; empty where they did not move. */
  tables: TableReport[];
  /** Rows a second, reading and writing together; null where none was copied. */
  rowRate: number | null;
  durationMs: number;
}

interface CopyNote {
  /** Id of the last entry of the source that is there. */
  last: number;
  entries: number;
}

/**
 * Moves the log of a database to another one, of whatever dialect: looks whether it can be done, makes entries of what
 * waits in the source, copies block by block, compares both from the beginning to the end, and records that it was done.
 * Broken off at any point, the same call goes on where it was. Of the source nothing is changed but what its outbox had.
 * The application's tables go the same way, where that is asked for.
 * @throws InvalidDatabaseUrlError, DatabaseInUseError, SwitchDiffersError; what stands in the way is in the report
 */
export async function switchDatabase(
  fromUrl: string,
  toUrl: string,
  options: SwitchOptions = {},
): Promise<SwitchReport> {
  const start = performance.now();
  const { dryRun = false, verify = false, application, tables, synchronize = false } = options;
  const found = await preflight(fromUrl, toUrl, {
    mayGoOn: verify,
    application: verify ? undefined : application,
    tables: tables && !verify ? { synchronize } : undefined,
  });
  const { steps, from, to } = found;
  const report: SwitchReport = {
    ok: steps.every(({ status }) => status !== 'failed'),
    steps,
    target: redactUrl(toUrl),
    drained: 0,
    copied: 0,
    rate: null,
    comparison: undefined,
    tables: [],
    rowRate: null,
    durationMs: 0,
  };
  try {
    if (verify) await verifyLogs(from, to, options, report);
    else if (report.ok && !dryRun) await move(from!, to!, found.tables, options, report);
  } finally {
    await close(found);
  }
  report.durationMs = performance.now() - start;
  return report;
}

/** Whoever else has them open may have; what the target made since does not count. */
async function verifyLogs(
  from: LogSide | undefined,
  to: LogSide | undefined,
  options: SwitchOptions,
  report: SwitchReport,
): Promise<void> {
  report.ok = false;
  if (!from || !to || !(await from.hasLog()) || !(await to.hasLog())) return;
  report.comparison = await compareLogs(
    from,
    to,
    progressOf(options, 'comparing', 'entries', (await from.extent()).entries),
  );
  report.ok = report.comparison.difference === null && report.comparison.onlyFrom === 0;
}

async function move(
  from: LogSide,
  to: LogSide,
  task: TablesTask | undefined,
  options: SwitchOptions,
  report: SwitchReport,
): Promise<void> {
  await from.hold();
  report.drained = await from.drain();
  await to.migrate();
  const logId = await from.logId();
  const plans = task && (task.plans ?? (await makeTables(from, to, task)));
  const extent = await from.extent();
  await copy(from, to, { name: noteOf(logId), total: extent.entries, last: extent.last }, options, report);
  const comparison = await compareLogs(from, to, progressOf(options, 'comparing', 'entries', extent.entries));
  report.comparison = comparison;
  if (comparison.difference !== null) throw new SwitchDiffersError(`${comparison.difference}.`);
  if (comparison.onlyFrom > 0 || comparison.onlyTo > 0) {
    throw new SwitchDiffersError(
      `The source has ${comparison.onlyFrom} entries that the target lacks, and the target ${comparison.onlyTo} that the source lacks.`,
    );
  }
  const notes: Note[] = [];
  if (plans) {
    const moved = await moveTables(from, to, plans, logId, (phase, total, before) =>
      progressOf(options, phase, 'rows', total, before),
    );
    report.tables = moved.tables;
    report.rowRate = moved.rate;
    notes.push(...moved.notes);
  }
  await finish(from, to, report, notes, options);
}

/** The target's tables, as TypeORM makes them of the entities. */
async function makeTables(from: LogSide, to: LogSide, { tables }: TablesTask): Promise<TablePlan[]> {
  await to.dataSource.synchronize();
  const steps = new CheckSteps();
  const plans = await planTables(from.tables, to.tables, tables, false, steps);
  if (plans) return plans;
  const failures = steps.steps.filter(({ status }) => status === 'failed').map(({ detail }) => detail);
  throw new SwitchRefusedError(failures.join(' '));
}

interface CopyTask {
  name: string;
  total: number;
  last: number;
}

async function copy(
  from: LogSide,
  to: LogSide,
  { name, total, last }: CopyTask,
  options: SwitchOptions,
  report: SwitchReport,
): Promise<void> {
  const text = (await to.notes(name)).get(name);
  const note: CopyNote = text === undefined ? { last: 0, entries: 0 } : (JSON.parse(text) as CopyNote);
  // A program that is started on the target too soon must not use a number that is still to come.
  const there = await to.extent();
  await to.numberFrom(Math.max(last, there.last + total - there.entries) + 1);
  const progress = progressOf(options, 'copying', 'entries', total, note.entries);
  const reader = from.reader();
  const start = performance.now();
  await copyBlocks<PortableEntry, number>(note.last, {
    read: (after) => reader.next(after, block),
    placeOf: ({ id }) => id,
    async write(entries) {
      const next: CopyNote = { last: entries.at(-1)!.id, entries: note.entries + entries.length };
      await to.take(entries, 'keep', [[name, JSON.stringify(next)]]);
      Object.assign(note, next);
    },
    onCopied(entries) {
      report.copied += entries.length;
      progress(note.entries);
    },
  });
  if (report.copied > 0) report.rate = Math.round(report.copied / ((performance.now() - start) / 1000));
}

/** Records the copy, and takes the note away that told how far it was. */
async function finish(
  from: LogSide,
  to: LogSide,
  { comparison, tables }: SwitchReport,
  ended: readonly Note[],
  options: SwitchOptions,
): Promise<void> {
  const logId = await from.logId();
  const known = await to.notes(baselines);
  const notes = [...(await from.notes(baselines))].filter(([name]) => !known.has(name));
  const { entries, digest } = comparison!;
  const rows = Object.fromEntries(tables.map((table) => [table.table, table.rows]));
  const data = { from: logId, entries, digest, ...(options.tables && { tables: rows }) };
  const event = await eventOf(to, data, options.context);
  const done: Note = [noteOf(logId), null];
  await to.take([event], 'keep', [...notes, ...ended, done]);
  await to.count();
}

/** Every row of the tables that these name was in the trail once; so it is in the copy. */
const baselines = 'baseline:';

async function eventOf(to: LogSide, data: object, context: AuditContext = {}): Promise<PortableEntry> {
  const { actor = null, reason = null, correlationId = null } = context;
  const after = { name: 'audit-trail switch', data };
  const seq = await to.nextNumber();
  return {
    id: seq,
    logId: await to.logId(),
    seq,
    transactionId: `switch-${seq}`,
    entity: '',
    table: '',
    entityId: null,
    operation: 'event',
    before: null,
    after: JSON.stringify(after),
    fields: JSON.stringify(Object.keys(after)),
    movedFrom: null,
    recordedAt: await to.now(),
    context: { actor, reason, correlationId, source: 'audit-trail switch', metadata: null },
    map: null,
  };
}

function progressOf(
  { onProgress }: SwitchOptions,
  phase: SwitchProgress['phase'],
  of: SwitchProgress['of'],
  total: number,
  before = 0,
): (done: number) => void {
  const start = performance.now();
  return (done) => {
    const seconds = (performance.now() - start) / 1000;
    onProgress?.({ phase, of, done, total, rate: Math.round((done - before) / seconds) });
  };
}
