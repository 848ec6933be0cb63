import type { DataSource } from 'typeorm';
import type { AuditEntry } from '../../src/index';
import type { ColumnMaps } from '../../src/testing/oracle/column-map';
import type { Snapshot } from '../../src/testing/oracle/snapshot';
import type { ChangeCounts } from '../../src/testing/oracle/true-changes';
import type { Model, WritePath } from './write-path';

/** A database to run the suite on; one implementation for each kind of database. */
export interface Target {
  name: string;
  /** For one path; that of all tests where it says nothing. */
  timeoutMs?: number;
  /** A fresh database with the model's tables, and a trail on it; `truth` is what it will be compared with. */
  open(model: Model, truth: WritePath['truth']): Promise<AuditedDatabase>;
  /** The same database without the library, watched by means of the suite's own where changes are to be compared. */
  openPlain(model: Model, truth: WritePath['truth']): Promise<PlainDatabase>;
  /** Why a path can't run here, where it can't. */
  leftOut?(path: WritePath): Promise<string | undefined>;
  /** Lets go of what is kept between paths, so that what went wrong with one is not met by the next. */
  startAfresh?(): Promise<void>;
}

interface OpenDatabase {
  dataSource: DataSource;
  snapshot(): Promise<Snapshot>;
  close(): Promise<void>;
}

export interface AuditedDatabase extends OpenDatabase {
  /** Entries since the last call, in the order of the log, nothing masked. */
  recorded(): Promise<{ entries: AuditEntry[]; maps: ColumnMaps }>;
  /** What the library has said that it can't do exactly. */
  warnings(): readonly string[];
}

export interface PlainDatabase extends OpenDatabase {
  /** Row changes since the last call, where a log was asked for. */
  logged(): Promise<ChangeCounts>;
}
