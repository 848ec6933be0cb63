import type { StatementKind } from '../statement-kind';

const leading = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|;)*([a-z]+)/i;

const kinds: Record<string, StatementKind> = {
  SELECT: 'read',
  VALUES: 'read',
  EXPLAIN: 'read',
  INSERT: 'write',
  REPLACE: 'write',
  UPDATE: 'write',
  DELETE: 'write',
  CREATE: 'ddl',
  DROP: 'drop',
  ALTER: 'ddl',
  BEGIN: 'begin',
  SAVEPOINT: 'savepoint',
  RELEASE: 'release',
  COMMIT: 'commit',
  END: 'commit',
};

/** Kind of a single SQL statement by its first keyword, comments skipped; `WITH` depends on what it leads to. */
export function classify(sql: string): StatementKind {
  const keyword = leading.exec(sql)?.[1]?.toUpperCase() ?? '';
  if (keyword === 'ROLLBACK')
    return /^[\s\S]*?\bROLLBACK\b(?:\s+TRANSACTION)?\s+TO\b/i.test(sql) ? 'rollback-to' : 'rollback';
  // A wrong "write" for a WITH … SELECT that mentions such a word costs a lock, nothing else.
  if (keyword === 'WITH') return /\b(INSERT|UPDATE|DELETE|REPLACE)\b/i.test(sql) ? 'write' : 'read';
  return kinds[keyword] ?? 'bare';
}

const auditTable =
  /^(?:main\.)?["'`[]?(?:audit_outbox|audit_entry|audit_context|audit_rollup|audit_meta|audit_quarantine|audit_migrations)["'`\]]?(?![\w$])/i;

/** The audit table that a DDL statement would drop or alter, undefined for any other; to add a column destroys nothing. */
export function auditTableDestroyedBy(sql: string): string | undefined {
  if (/^\s*ALTER\s+TABLE\s+\w+\s+ADD\s+COLUMN\s/i.test(sql)) return undefined;
  const match =
    /^(?:\s+|--[^\n]*\n|\/\*[\s\S]*?\*\/|;)*(?:DROP\s+TABLE(?:\s+IF\s+EXISTS)?|ALTER\s+TABLE)\s+([\s\S]+)$/i.exec(sql);
  const name = match?.[1] && auditTable.exec(match[1].replace(/^["'`[]?main["'`\]]?\./i, ''))?.[0];
  return name || undefined;
}
