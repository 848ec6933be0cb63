/**
 * What a statement does to the transaction and the schema.
 * - `read` changes nothing · `write` changes rows · `ddl` changes the schema · `drop` may change rows with it
 * - `begin`, `savepoint`, `release`, `rollback-to`, `commit`, `rollback` steer transactions
 * - `bare` must run outside a transaction, or has no effect on rows (PRAGMA, VACUUM, ATTACH)
 */
export type StatementKind =
  | 'read'
  | 'write'
  | 'ddl'
  | 'drop'
  | 'begin'
  | 'savepoint'
  | 'release'
  | 'rollback-to'
  | 'commit'
  | 'rollback'
  | 'bare';
