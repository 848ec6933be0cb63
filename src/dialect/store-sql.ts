/** Columns of `audit_entry` that a writer fills, in the order of their values. */
export const entryColumns = [
  'log_id',
  'seq',
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
  'codec',
] as const;

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

export const contextColumns = ['digest', 'actor', 'reason', 'correlation_id', 'source', 'metadata'] as const;

export const rollupColumns = ['period', 'bucket', 'entity', 'operation', 'actor', 'entries'] as const;

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
  insertEntries(rows: number): string;
  /** Entries without an image before that share most of their columns: the values of `alikeColumns`, then the rows. */
  insertAlike(rows: number): string;
  /** Contexts that are there already, by digest, are left as they are. */
  insertContexts(rows: number): string;
  selectContextIds(digests: number): string;
  /** Adds to what is there. */
  addRollups(rows: number): string;
  selectRollups(where: string): string;
  /** Oldest first; the columns of `OutboxRow`, then the values. */
  selectOutbox: string;
  /** The bytes of a value column of one row. */
  selectOutboxBytes(column: number): string;
  deleteOutboxUpTo: string;
  /** One row: number of pending rows, oldest and newest id, instant of the oldest. */
  selectPending: string;
  /** Newest first; one row more than asked for tells that there is another page. */
  selectEntries(conditions: readonly Condition[]): string;
}
