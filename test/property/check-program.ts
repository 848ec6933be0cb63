import type { AuditEntry } from '../../src/index';
import { judge } from '../../src/testing/oracle/judge';
import { differences, rowText, type Snapshot } from '../../src/testing/oracle/snapshot';
import { type ChangeCounts, countChanges } from '../../src/testing/oracle/true-changes';
import { attributionProblems } from './attribution';
import type { Journal } from './journal';
import type { OperationTally } from './operation-tally';
import type { Program } from './program';
import { runProgram } from './run-program';
import type { AuditedStage, StockStage } from './stage';

export interface Stages {
  audited: AuditedStage;
  stock: StockStage;
}

/** Changes what was recorded, to see that it is noticed. */
export type Tampering = (entries: AuditEntry[]) => AuditEntry[];

/** Runs a program under audit, and where it has one right outcome without the library as well; a sentence per problem. */
export async function checkProgram(
  program: Program,
  { audited, stock }: Stages,
  tally: OperationTally,
  tamper: Tampering = (entries) => entries,
): Promise<string[]> {
  const before = await audited.prepare(program.flows.length);
  const journal = await runProgram(program, audited);
  tally.add(journal);
  const problems = [...journal.problems, ...audited.warnings];
  if (problems.length > 0) return problems;
  const { entries: recorded, maps, pending } = await audited.recorded();
  const entries = tamper(recorded);
  const after = await audited.snapshot();
  if (pending > 0) problems.push(`${pending} rows are in the outbox after flush()`);
  let expected = countChanges(entries.filter(({ operation }) => operation !== 'event'));
  if (!program.wild && !journal.isDisturbed) {
    await stock.prepare(program.flows.length);
    const plain = await runProgram(program, stock);
    expected = stock.counted() ?? expected;
    problems.push(...plain.problems.map((text) => `without the library: ${text}`), ...resultProblems(journal, plain));
    const differing = differences(comparable(after), comparable(await stock.snapshot()));
    problems.push(...differing.map((text) => `compared with a run without the library, ${text}`));
  }
  problems.push(...judge({ before, after, entries, maps, expected: withoutScrap(expected, entries) }));
  const inTurn = audited.isServer ? byTransaction(entries) : entries;
  problems.push(...attributionProblems(inTurn, journal, program), ...(await leakProblems(audited)));
  return problems;
}

/** Transactions of a server write at the same time: each one's entries, in the order in which they begin. */
function byTransaction(entries: readonly AuditEntry[]): AuditEntry[] {
  const transactions = new Map<string, AuditEntry[]>();
  for (const entry of entries) {
    const found = transactions.get(entry.transactionId) ?? [];
    transactions.set(entry.transactionId, found);
    found.push(entry);
  }
  return [...transactions.values()].flat();
}

/** A last write, which a leaked lock would keep waiting. */
async function leakProblems(audited: AuditedStage): Promise<string[]> {
  const waiting = await audited.waiting();
  try {
    await audited.dataSource.query('INSERT INTO scrap (owner) VALUES (0)');
    return waiting === 0 ? [] : [`${waiting} wait for the connection, and nobody works`];
  } catch (error) {
    return [`a last write failed: ${String(error)}`];
  }
}

/** Which rows of other flows there are to clear depends on how the flows interleave, so they count as recorded. */
function withoutScrap(expected: ChangeCounts, entries: readonly AuditEntry[]): ChangeCounts {
  const scrap = countChanges(entries.filter(({ table }) => table === 'scrap'));
  return new Map([...[...expected].filter(([name]) => !name.startsWith('scrap.')), ...scrap]);
}

/** Without what depends on the clock, or on how the flows interleave. */
function comparable(snapshot: Snapshot): Snapshot {
  const kept = [...snapshot].filter(([name]) => name !== 'scrap');
  return new Map(
    kept.map(([name, table]) => {
      const rows: typeof table.rows = new Map();
      for (const { row, count } of table.rows.values()) {
        const same = { ...row };
        // Some servers have names of columns in small letters.
        const deletedAt = Object.keys(row).find((name) => /^deletedAt$/i.test(name));
        if (deletedAt !== undefined && row[deletedAt] !== 'null') same[deletedAt] = 'set';
        delete same['serial'];
        const text = rowText(same);
        rows.set(text, { row: same, count: count + (rows.get(text)?.count ?? 0) });
      }
      return [name, { ...table, rows }];
    }),
  );
}

function resultProblems(journal: Journal, plain: Journal): string[] {
  const tokens = new Set([...journal.steps.keys(), ...plain.steps.keys()]);
  return [...tokens].flatMap((token) => {
    const [mine, other] = [journal.steps.get(token), plain.steps.get(token)];
    if (mine?.result === other?.result) return [];
    return [
      `${(mine ?? other)!.op} ${token} gave ${mine?.result ?? 'no step'}; without the library ${other?.result ?? 'no step'}`,
    ];
  });
}
