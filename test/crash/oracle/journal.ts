import type { Entry } from './entry';
import { includesRow } from './shape';
import type { Row } from './stored';

/** A row change that a client knows its operation makes; the rows name the values that the client can know. */
export interface ExpectedChange {
  table: string;
  operation: string;
  before?: Row;
  after?: Row;
}

/** One operation of a client. All its changes are in one transaction, and all its entries carry its correlation id. */
export interface JournaledOperation {
  correlationId: string;
  actor: string;
  reason: string;
  source: string;
  /** What kind of operation it is, for the figures and for messages. */
  kind: string;
  /** In order, where a row is changed more than once. Empty for what rolls back or changes nothing. */
  expected: ExpectedChange[];
  /** Whether the client was told that it is done. If not, it may or may not have been committed. */
  isAcknowledged: boolean;
}

export interface JournalReport {
  problems: string[];
  /** Operations compared, by kind. */
  operations: Map<string, number>;
  /** Operations nobody heard of again: committed and rolled back by the crash. */
  unacknowledged: { committed: number; gone: number };
}

/**
 * The second oracle: every acknowledged operation has exactly its entries, one that rolled back has none, one that was
 * not acknowledged has all or none, and no entry is without an operation.
 */
export function compareJournal(journal: readonly JournaledOperation[], entries: readonly Entry[]): JournalReport {
  const report: JournalReport = { problems: [], operations: new Map(), unacknowledged: { committed: 0, gone: 0 } };
  const byOperation = groupBy(entries, (entry) => entry.correlationId ?? '');
  for (const operation of journal) {
    const { correlationId, kind, expected, isAcknowledged } = operation;
    const found = byOperation.get(correlationId) ?? [];
    byOperation.delete(correlationId);
    report.operations.set(kind, (report.operations.get(kind) ?? 0) + 1);
    if (!isAcknowledged && expected.length > 0) report.unacknowledged[found.length > 0 ? 'committed' : 'gone'] += 1;
    if (!isAcknowledged && found.length === 0) continue;
    const problems = compareOperation(operation, found);
    report.problems.push(...problems.map((problem) => `${kind} ${correlationId}: ${problem}`));
  }
  for (const [correlationId, strays] of byOperation) {
    const ids = strays.map(({ id }) => id).join(', ');
    report.problems.push(`entries ${ids} belong to no operation (correlation id "${correlationId}")`);
  }
  report.problems.push(...sharedTransactions(entries));
  return report;
}

function compareOperation(operation: JournaledOperation, found: readonly Entry[]): string[] {
  const problems: string[] = [];
  const left = [...found];
  for (const change of operation.expected) {
    const index = left.findIndex((entry) => isChange(entry, change));
    if (index >= 0) left.splice(index, 1);
    else problems.push(`no entry for ${describe(change)}`);
  }
  for (const entry of left) problems.push(`entry ${entry.id} is of no change of its: ${describe(entry)}`);
  for (const entry of found) {
    for (const field of ['actor', 'reason', 'source'] as const) {
      if (entry[field] !== operation[field]) problems.push(`entry ${entry.id} has the ${field} ${entry[field]}`);
    }
  }
  return problems;
}

function isChange(entry: Entry, { table, operation, before, after }: ExpectedChange): boolean {
  return (
    entry.table === table &&
    entry.operation === operation &&
    (!before || (entry.before !== null && includesRow(entry.before, before))) &&
    (!after || (entry.after !== null && includesRow(entry.after, after)))
  );
}

function sharedTransactions(entries: readonly Entry[]): string[] {
  const problems: string[] = [];
  for (const group of groupBy(entries, ({ transactionId }) => transactionId).values()) {
    const operations = new Set(group.map(({ correlationId }) => correlationId));
    if (operations.size > 1) problems.push(`one transaction id for the operations ${[...operations].join(', ')}`);
  }
  for (const group of groupBy(entries, ({ correlationId }) => correlationId ?? '').values()) {
    const transactions = new Set(group.map(({ transactionId }) => transactionId));
    if (transactions.size > 1) problems.push(`${transactions.size} transaction ids for ${group[0]!.correlationId}`);
  }
  return problems;
}

function describe({ operation, table, before, after }: ExpectedChange | Entry): string {
  return `${operation} of ${table} ${JSON.stringify(before ?? null)} -> ${JSON.stringify(after ?? null)}`;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
