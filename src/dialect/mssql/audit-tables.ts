/** Tables of the audit schema, and the table of its migrations. */
export const auditTables = [
  'audit_entry',
  'audit_uncounted',
  'audit_context',
  'audit_rollup',
  'audit_meta',
  'audit_migrations',
] as const;

/** The key of SESSION_CONTEXT under which a batch says which row of `audit_context` is its own. */
export const contextKey = `N'audit_trail'`;

/** Milliseconds since 1970 on the server's clock, UTC. */
export const nowMs = `DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME())`;

/** Of texts that are compared by their code points. A table variable has the database's own unless it is said. */
export const binaryCollation = 'COLLATE Latin1_General_BIN2';
