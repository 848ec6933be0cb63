/** Columns of `audit_entry` that a writer fills, in the order of their values; those of a log from elsewhere stay NULL. */
export const entryColumns = [
  'transaction_id',
  'entity',
  'table_name',
  'entity_id',
  'operation',
  'before_image',
  'after_image',
  'changed_fields',
  'actor',
  'correlation_id',
  'context_id',
  'schema_version',
  'recorded_at',
  'moved_from',
] as const;

/** `codec` of entries whose images are in canonical form. */
export const canonicalCodec = 1;

/** Values that entries alike have in common. */
export const alikeColumns = [
  'transaction_id',
  'table_name',
  'operation',
  'actor',
  'correlation_id',
  'context_id',
  'schema_version',
  'recorded_at',
  'codec',
] as const;

/** Columns of an entry that comes from another database, in the order of their values. Without an id it is given one. */
export const importColumns = ['id', 'log_id', 'seq', ...entryColumns] as const;

/** Which entries are read to be moved. */
export type PortableScope =
  /** Those of a stretch of the log. Parameters: the id after which it begins, and the last one. */
  | 'stretch'
  /** Those of another log. Parameters: its id, first and last number. */
  | 'foreign'
  /** Those that were made in this database. Parameters: first and last number. */
  | 'own'
  /** The oldest that have committed, whatever is locked. Parameter: the last id. */
  | 'committed'
  /** Parameter: their ids as a JSON list. */
  | 'listed';

export const contextColumns = ['digest', 'actor', 'reason', 'correlation_id', 'source', 'metadata'] as const;

export const rollupColumns = [
  'period',
  'bucket',
  'entity',
  'operation',
  'actor',
  'entries',
  'first_id',
  'last_id',
] as const;

/** The ways into `audit_entry`: each gives the entries of one value by id, in either direction. */
export type EntryIndex =
  'id' | 'row' | 'moved_to' | 'moved_from' | 'entity' | 'operation' | 'actor' | 'correlation' | 'transaction';

/** A condition on entries, with the values of its parameters. */
export interface Condition {
  sql: string;
  values: readonly unknown[];
}

/** The SQL of the store, where dialects differ. Parameters are positional. */
export interface StoreSql {
  hasAuditTables: string;
  selectMeta: string;
  selectMetaLike: string;
  insertMeta: string;
  /**
   * Parameters: the values of `entryColumns`, row by row. After a failure some of the rows may be there: whoever runs it
   * gives up its transaction then.
   */
  insertEntries(rows: number): string;
  /** The highest id that an entry ever had, 0 without one. */
  selectHighestId: string;
  /** Entries with a text of more bytes in a column: id and text. Parameter: the bytes. */
  selectLong(column: string): string;
  /** Parameters: the values of `importColumns`, row by row; for the rest as `insertEntries`. */
  importEntries(rows: number): string;
  /** Entries without an image before that share most of their columns: the values of `alikeColumns`, then the rows. */
  insertAlike(rows: number): string;
  /** Contexts that are there already, by digest, are left as they are. */
  insertContexts(rows: number): string;
  selectContextIds(digests: number): string;
  /** Takes entries out of the log; parameter: their ids as a JSON list. Rows of `Countable` with their `logId`, without a number. */
  removeEntries: string;
  /** Parameters: how many, and the key of the roll-up. */
  subtractRollup: string;
  /** A roll-up of nothing; parameters: its key. */
  removeEmptyRollup: string;
  /** Contexts of a log without an entry. */
  removeUnusedContexts: string;
  /** Adds to what is there, and widens the range of its ids. */
  addRollups(rows: number): string;
  /** All totals, and every hour from one on; parameters: its bucket. */
  selectSummary: string;
  /** The most active from a month on; parameters: its bucket, how many. */
  selectTopActors: string;
  /**
   * One row: the first and the last id that an entry of a span of time can have, null without one. Parameters: the buckets
   * of the hour and of the minute of its begin and of its end.
   */
  selectIdRange: string;
  /** Oldest first; the columns of `OutboxRow`, then so many of the values. */
  selectOutbox(values: number): string;
  /** The bytes of a value column of one row. */
  selectOutboxBytes(column: number): string;
  deleteOutboxUpTo: string;
  /** Copies outbox rows, each value as it is stored. Parameters: reason, instant, first and last id. */
  quarantine: string;
  /** Oldest first; parameter: a limit. */
  selectQuarantined: string;
  /** One row: number of pending rows, oldest and newest id, instant of the oldest, records set aside. */
  selectPending: string;
  /** A condition: the entry is one that an index finds by the values of its columns; parameters: these. Reads the index alone. */
  isFoundBy(index: EntryIndex, columns: readonly string[]): string;
  /** A condition: the row, of whatever entity, has an id; parameter: the id. */
  hasEntityId: string;
  /** A condition: an entry changed a field; parameter: its name as JSON text. */
  changesField: string;
  /** Newest first, unless asked for otherwise, found by that index. Parameters: those of the conditions, and how many. */
  selectEntries(conditions: readonly Condition[], index: EntryIndex, direction?: 'ASC' | 'DESC'): string;
  /**
   * Id of the last entry among so many of one index, newest first; no row where there are fewer. The conditions are on
   * columns of the index and the id. Parameters: those of the conditions, and how many before it.
   */
  selectReach(conditions: readonly Condition[], index: EntryIndex): string;
  deleteMeta: string;
  /** One row: number of entries, and the highest id of one, 0 without any. */
  selectExtent: string;
  /** Entries by id, whole: waits for those that are locked instead of passing them by, but for `committed`. */
  selectPortable(scope: PortableScope): string;
  /** One row: number of entries in the log, id of the newest, instant of the oldest. Those that have committed. */
  selectWaiting: string;
  /** Id and bytes of images of the next entries. Parameters: the id after which to begin, a limit. */
  selectSizes: string;
  /** The same of the oldest that have committed. Parameter: a limit. */
  selectCommittedSizes: string;
}

/** The part that reads, and that every dialect has. */
export type ReadSql = Pick<
  StoreSql,
  | 'hasAuditTables'
  | 'selectMeta'
  | 'selectMetaLike'
  | 'insertMeta'
  | 'selectSummary'
  | 'selectTopActors'
  | 'selectIdRange'
  | 'selectPending'
  | 'isFoundBy'
  | 'hasEntityId'
  | 'changesField'
  | 'selectEntries'
  | 'selectReach'
  | 'selectPortable'
  | 'selectSizes'
  | 'deleteMeta'
  | 'selectExtent'
  | 'selectCommittedSizes'
  | 'selectWaiting'
>;
