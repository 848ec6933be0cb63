import type { DataSource, QueryRunner } from 'typeorm';
import type { AuditError } from '../errors';
import type { AuditContext } from '../model/context';
import type { ColumnMeasures } from '../model/planned-table';
import type { ColumnKind } from '../model/table-map';
import type { Capabilities } from './dialect';
import type { RevertSql } from './revert-sql';
import type { LiveServerColumn, ServerCaptureSql } from './server-capture';
import type { ServerCheckSql } from './server-check-sql';
import type { BulkInsert, ServerImportSql, StagedInsert } from './server-import';
import type { ReadSql } from './store-sql';
import type { ServerTableSql } from './table-sql';

/** When an error came, which decides whether the work may have been done in spite of it. */
export type Moment = 'begin' | 'statement' | 'transaction' | 'commit';

export interface PoolFigures {
  /** Connections there may be. */
  size: number;
  inUse: number;
  /** Who waits for one. */
  waiting: number;
  /** Waits that ended without one. */
  timeouts: number;
  /** Who asked for one while all were in use. */
  exhaustions: number;
  longestWaitMs: number;
}

/** The transaction that a query runner has begun. */
export interface ServerTransaction {
  /** The database, or the connection, has ended it. */
  readonly isOver: boolean;
  rollBack(): Promise<void>;
  /**
   * To be called before COMMIT or ROLLBACK is sent: where that fails, nobody knows what became of the transaction, and the
   * pool must not lend its connection again.
   */
  guardEnd(): void;
}

export type ServerRow = Record<string, unknown>;

export interface ServerStatement {
  sql: string;
  parameters: readonly unknown[];
}

/** A connection, or any of a pool. Parameters stand for `?`; whole numbers of 64 bits come as numbers. */
export interface ServerConnection {
  query(sql: string, parameters?: readonly unknown[]): Promise<ServerRow[]>;
  /** One after the other in one round trip; each has one answer, and no variable of another's name. */
  queryAll?(statements: readonly ServerStatement[]): Promise<ServerRow[][]>;
}

/** What a batch of the application carries to the triggers it fires. */
export interface BatchContext {
  /** Of the row in `audit_context`, the same for all batches of a transaction under one context. */
  id: string;
  transactionId: string;
  context: AuditContext | undefined;
  source: string | undefined;
  /** The batch runs in a transaction that was begun before it. */
  isInTransaction: boolean;
}

/**
 * - `write`: may change rows, and so carries the context · `ddl`: changes the schema
 * - `other`: reads, steers a transaction, or is about the server
 */
export type BatchKind = 'write' | 'ddl' | 'other';

/** The SQL of a log that is delivered to another database, or takes deliveries. */
export interface DeliverySql {
  /** One delivery of a log at a time goes on behind it, until its transaction ends. Parameter: id of the log. */
  readonly lockLog: string;
  /** Takes entries out of the log with their share of the roll-ups, in a transaction. Parameter: their ids as a JSON list. */
  readonly removeDelivered: string;
  /** The same of entries that the transaction of the application has written itself, at its level of isolation. */
  readonly removeOwn: string;
}

/** The SQL and the ways of one database on a server. */
export interface ServerSession {
  readonly storeSql: ReadSql;
  /** The same, which waits for what has not committed instead of passing it by. */
  readonly patientSql: ReadSql;
  readonly revertSql: RevertSql<LiveServerColumn>;
  readonly checkSql: ServerCheckSql;
  /** The same connection for work that nobody waits for: it lets others go first, and does not wait long for a lock. */
  givingWay(connection: ServerConnection): ServerConnection;
  readonly captureSql: ServerCaptureSql;
  readonly importSql: ServerImportSql;
  readonly bulkInsert: BulkInsert;
  readonly tableSql: ServerTableSql;
  readonly stagedInsert: StagedInsert;
  readonly deliverySql: DeliverySql;
  /**
   * Counts entries that no roll-up holds yet, at most so many (the parameter), those of late transactions as well.
   * One row: how many there were.
   */
  readonly rollUp: string;
  /** Notes how far everything has committed, or never will: asking for it begins there. */
  readonly noteHorizon: string;
  /** What `warnOnly` has let through, of any process: rows of `PolicyWarning`. */
  readonly selectWarned: string;
  /** Any connection of the pool, outside transactions of the application, and unknown to `carry`. */
  readonly pool: ServerConnection;
  /** Connections of the pool now, and what was counted since the start. */
  poolFigures(): PoolFigures;
  /** Connections that are kept, and that there may be. */
  readonly poolLimits: { least: number; most: number };
  /** The connection of a query runner, in its transaction where it has one. */
  within(queryRunner: QueryRunner): ServerConnection;
  /** Driver package and version of the database, for people. */
  describe(): Promise<string>;
}

/** A database on a server, with a pool of connections, whose triggers write entries at once. */
export interface ServerDialect {
  readonly databaseType: string;
  readonly capabilities: Capabilities;
  /** Of tables that name none. */
  readonly defaultSchema: string;
  /** Of an initialised DataSource. */
  session(dataSource: DataSource): ServerSession;
  /**
   * Adapts the driver of a DataSource, once: each batch that is sent is given the context that `current` says, in the
   * batch itself. Undefined for a batch that carries none.
   */
  carry(dataSource: DataSource, current: () => BatchContext | undefined): void;
  /** Makes types of columns mean what they mean on other databases; for a DataSource that is made anew. */
  makeTypesPortable(dataSource: DataSource): void;
  columnKind(type: string): ColumnKind;
  /** What precision and scale, or a length, of a type limit; those that are not given are as the database has them then. */
  measures(type: string, first: number | undefined, second: number | undefined): ColumnMeasures;
  batchKind(sql: string): BatchKind;
  /** A batch on its own has either done all that it does when it ends, or nothing when it fails. */
  isAllOrNothing(sql: string): boolean;
  transactionOf(queryRunner: QueryRunner): ServerTransaction;
  /**
   * True for an error after which the same is worth trying at once, and is known not to have been done. Who has waited in
   * vain for a connection has waited enough.
   */
  passesSoon(error: unknown, moment: Moment): boolean;
  /** The error that tells an application whether to try again; undefined for one that will not pass by itself. */
  typedError(error: unknown, moment: Moment): AuditError | undefined;
  /** All that the server said, a message each: the error that is thrown need not be the one that tells why. */
  saidOf(error: unknown): string[];
  /** True where the server refused a statement for what it says, such as a value that is none of its column's type. */
  isRefusal(error: unknown): boolean;
  /** What a statement does to rows unseen by triggers, a sentence; undefined for any other. */
  unrecordedBy(sql: string, isCaptured: (table: string) => boolean): string | undefined;
  /** The audit table that a statement would destroy, undefined for any other. */
  auditTableDestroyedBy(sql: string): string | undefined;
}
