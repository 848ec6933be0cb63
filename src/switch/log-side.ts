import type { DataSource } from 'typeorm';
import type { Collation } from '../model/planned-table';
import type { PortableEntry } from '../model/portable-entry';
import type { Places } from '../store/import-plan';
import type { BlockLimits, PortableReader } from '../store/portable-rows';
import type { Note } from './note';
import type { TableSide } from './table-side';

/** How much of a log there is. */
export interface Extent {
  entries: number;
  /** Highest id, 0 without an entry. */
  last: number;
}

export interface TextLimit {
  column: string;
  length: number;
}

/** One database of a switch: its log, whichever way it is written. */
export interface LogSide {
  readonly dataSource: DataSource;
  /** The application's tables beside it. */
  readonly tables: TableSide;
  /** The audit tables are there. */
  hasLog(): Promise<boolean>;
  /** Creates the audit tables, or brings them up to date. */
  migrate(): Promise<void>;
  logId(): Promise<string>;
  extent(): Promise<Extent>;
  /** Outbox rows that wait, and records that were set aside. */
  pending(): Promise<{ rows: number; quarantined: number }>;
  /** Makes entries of all that waits. @returns how many */
  drain(): Promise<number>;
  reader(): PortableReader;
  /** Keeps writers away from the log as long as this side is open. */
  hold(): Promise<void>;
  /** Notes whose names begin so. */
  notes(prefix: string): Promise<Map<string, string>>;
  /** Takes entries over and writes notes, all of it or nothing. */
  take(entries: readonly PortableEntry[], places: Places, notes: readonly Note[]): Promise<void>;
  /** Sees to it that entries which are made here from now on get numbers from this one on. */
  numberFrom(next: number): Promise<void>;
  /** A number for an entry that is made here. */
  nextNumber(): Promise<number>;
  /** The longest texts that fit, in UTF-16 units, by the column of an entry. */
  readonly textLimits: readonly TextLimit[];
  /** Ids of some entries with a text that is longer. */
  tooLong(limits: readonly TextLimit[]): Promise<number[]>;
  /** Bytes that the database takes, and that there are left for it; undefined where that is not known. */
  space(): Promise<{ used: number | undefined; free: number | undefined }>;
  /** Brings the roll-ups up to date. */
  count(): Promise<void>;
  /** What it takes for equal by default; undefined where it compares bytes. */
  collation(): Promise<Collation | undefined>;
  /** Milliseconds since 1970 on the database's clock. */
  now(): Promise<number>;
  close(): Promise<void>;
}

/** What is read and written at a time, at most. */
export const block: BlockLimits = { entries: 5000, bytes: 8_000_000 };
