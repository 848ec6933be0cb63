import { importColumns } from '../store-sql';
import type { BulkColumn, ServerImportSql } from '../server-import';
import { nowMs } from './audit-tables';
import { quoteName } from './quote';

/** Longest text of a column; others take any. */
const lengths: Record<string, number> = {
  log_id: 36,
  transaction_id: 64,
  entity: 255,
  table_name: 255,
  entity_id: 560,
  operation: 20,
  actor: 255,
  correlation_id: 255,
  context_id: 36,
  moved_from: 560,
};

const contextLengths: Record<string, number> = { id: 36, reason: 2000, source: 255 };

const bigints = new Set(['id', 'seq', 'recorded_at']);

/** @param schema of the audit tables */
export function importSql(schema: string): ServerImportSql {
  const name = (table: string) => `${quoteName(schema)}.${quoteName(table)}`;
  return {
    entryTable: { schema, name: 'audit_entry' },
    entryColumns: [
      ...importColumns.map((column) => ({
        name: column,
        type: bigints.has(column)
          ? ('bigint' as const)
          : column === 'schema_version'
            ? ('int' as const)
            : ('text' as const),
        length: lengths[column],
      })),
      { name: 'codec', type: 'int', length: undefined },
    ],
    uncountedTable: { schema, name: 'audit_uncounted' },
    uncountedColumns: [{ name: 'id', type: 'bigint', length: undefined }],
    contextTable: { schema, name: 'audit_context' },
    contextColumns: ['id', 'transaction_id', 'actor', 'reason', 'correlation_id', 'source', 'metadata']
      .map((column): BulkColumn => ({ name: column, type: 'text', length: lengths[column] ?? contextLengths[column] }))
      .concat({ name: 'server_transaction', type: 'bigint', length: undefined }),
    selectContextIds: `SELECT c.id FROM OPENJSON(?) w JOIN ${name('audit_context')} c ON c.id = w.value COLLATE Latin1_General_BIN2`,
    selectNumbers: `SELECT NEXT VALUE FOR ${name('audit_number')} AS id FROM OPENJSON(?)`,
    selectHighestId: `SELECT COALESCE(MAX(id), 0) AS id FROM ${name('audit_entry')}`,
    selectSize: `SELECT SUM(CONVERT(bigint, size)) * 8192 AS bytes FROM sys.database_files`,
    selectFree: `SELECT MIN(v.available_bytes) AS bytes FROM sys.database_files f CROSS APPLY sys.dm_os_volume_stats(DB_ID(), f.file_id) v`,
    selectCollation: `SELECT CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), N'Collation')) AS name`,
    selectNow: `SELECT ${nowMs} AS now`,
    // Of no rows at all the server would not even look at the table.
    lockLog: `SET LOCK_TIMEOUT 5000; SELECT TOP (1) id FROM ${name('audit_entry')} WITH (TABLOCK, HOLDLOCK); SET LOCK_TIMEOUT -1`,
    restartNumbers: (next) => `ALTER SEQUENCE ${name('audit_number')} RESTART WITH ${Math.floor(next)}`,
  };
}
