import type { DataSource } from 'typeorm';
import type { ColumnKind } from '../model/table-map';
import type { CaptureSql } from './capture-sql';
import type { CheckSql } from './check-sql';
import type { Engine } from './engine';
import type { LateTarget, ReaderTarget } from './reader';
import type { RevertSql } from './revert-sql';
import type { SideReader } from './side-reader';
import type { StoreSql } from './store-sql';
import type { TableSql } from './table-sql';

/** What a database can do, each with what follows from it. Code outside `dialect/` asks these, never for a name. */
export interface Capabilities {
  /** Triggers write to an outbox that a background drain empties, because writing an entry at once would cost too much. */
  readonly deferred: boolean;
  /** Rows that wake the drain; also rows of one multi-row statement. */
  readonly batchSize: number;
  /** Longest time between two drains. */
  readonly commitIntervalMs: number;
  /** After so long a transaction in which nothing runs is ended; soon, where it keeps everybody else from writing. */
  readonly idleTransactionTimeoutMs: number;
}

/** Settings of a connection as they were found after asking for them. */
export interface PreparedConnection {
  journalMode: string | null;
  warnings: string[];
}

export interface Dialect {
  /** `database_type` in stats. */
  readonly databaseType: string;
  readonly capabilities: Capabilities;
  readonly captureSql: CaptureSql;
  readonly storeSql: StoreSql;
  readonly checkSql: CheckSql;
  readonly revertSql: RevertSql;
  readonly tableSql: TableSql;
  /** Puts a connection that was opened before `tune` in the form that `engineOf` takes. */
  adopt(dataSource: DataSource): Promise<void>;
  /** The open connection of an initialised DataSource. */
  engineOf(dataSource: DataSource): Engine;
  /**
   * Called before a DataSource connects. @returns to be called when it is closed
   * @throws DriverConflictError where its file is open in this process through another driver
   */
  claim(dataSource: DataSource): () => void;
  /** Adapts the driver of a DataSource, once, before it connects. */
  tune(dataSource: DataSource): void;
  /**
   * How others can read beside the open connection, in threads or in this one; undefined where they can't, or would stand
   * in its way.
   * @param journalMode as `prepare` found it
   */
  readerTarget(
    dataSource: DataSource,
    engine: Engine,
    journalMode: string | null,
    busyTimeoutMs: number,
  ): ReaderTarget | LateTarget | undefined;
  /**
   * Opens a connection of the DataSource's own thread that only reads; undefined where there can be none beside the open
   * one. @throws what the driver, or the application's own preparation of a connection, throws
   */
  openSideReader(dataSource: DataSource, engine: Engine, journalMode: string | null): Promise<SideReader | undefined>;
  /** Asks for the settings that capture relies on, and verifies them. */
  prepare(engine: Engine): PreparedConnection;
  /** Driver package and version of the database, for people. */
  describe(engine: Engine): string;
  /** Kind of a column from TypeORM's normalised type. */
  columnKind(type: string): ColumnKind;
  /** The audit table that a statement would destroy, undefined for any other. */
  auditTableDestroyedBy(sql: string): string | undefined;
}
