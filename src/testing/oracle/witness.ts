import type { Snapshot } from './snapshot';
import type { TrueChange } from './true-changes';

/**
 * The oracle's eyes in one database: reads tables as stored, and keeps a log of every row change by triggers of its own,
 * which copy whole rows and decide nothing. All through the DataSource, so that it works wherever that does.
 */
export interface Witness {
  /** As the trail names them. */
  tableNames(): string[];
  countRows(): Promise<{ table: string; rows: number }[]>;
  snapshot(): Promise<Snapshot>;
  /** Starts the log, once. */
  watch(): Promise<void>;
  /** Takes what was logged since the last call, in the order of the changes within a table. */
  takeChanges(): Promise<TrueChange[]>;
  /** Every value of every audit table as bytes, each with where it was found. */
  auditBytes(): Promise<FoundBytes[]>;
}

export interface FoundBytes {
  where: string;
  bytes: Buffer;
}

/** The values of a selected row, `v0`, `v1`, …, as bytes; NULL has none. */
export function bytesOf(table: string, columns: readonly string[], row: Record<string, unknown>): FoundBytes[] {
  return columns.flatMap((column, place) => {
    const value = row[`v${place}`];
    if (value === null) return [];
    const bytes = Buffer.isBuffer(value) ? value : Buffer.from(String(value as string | number));
    return [{ where: `${table}.${column}`, bytes }];
  });
}
