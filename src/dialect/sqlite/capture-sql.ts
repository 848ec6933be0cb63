import type { MappedColumn } from '../../model/table-map';
import type { CapturedTable, CaptureSql, TableColumn } from '../capture-sql';
import { valueColumns, valueOrder, valuesPerRow } from '../outbox-layout';
import { quoteName, quoteText } from './quote';

const prefix = 'audit_trail_g';

/** TEMP triggers: they live on the writing connection and leave no trace in the application's schema. */
export const sqliteCaptureSql: CaptureSql = {
  createContextRow: [
    `CREATE TEMP TABLE IF NOT EXISTS audit_trail_now (generation INTEGER, transaction_id TEXT, recorded_at INTEGER, context TEXT)`,
    `INSERT INTO audit_trail_now (generation) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM audit_trail_now)`,
  ],
  updateContextRow: `UPDATE audit_trail_now SET generation = ?, transaction_id = ?, recorded_at = ?, context = ?`,
  insertEvent: `INSERT INTO audit_outbox (map, operation, part, transaction_id, recorded_at, context, v0)
    SELECT 0, 'E', 0, transaction_id, recorded_at, context, ? FROM audit_trail_now`,
  foreignCommits: 'PRAGMA data_version',
  listTriggers: `SELECT name FROM sqlite_temp_master WHERE type = 'trigger' AND name LIKE 'audit\\_trail\\_g%' ESCAPE '\\'`,
  schemaVersions: ['PRAGMA main.schema_version', 'PRAGMA temp.schema_version'],
  listReplacingTables: `SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%ON CONFLICT REPLACE%'`,
  listColumns: (table) =>
    `SELECT name, upper(type) AS declaredType FROM pragma_table_xinfo(${quoteText(table)}) WHERE hidden <> 1 ORDER BY cid`,
  dropTrigger: (name) => `DROP TRIGGER IF EXISTS temp.${quoteName(name)}`,
  triggerNames: (generation, index) => ['i', 'u', 'd'].map((suffix) => `${prefix}${generation}_t${index}_${suffix}`),
  createTriggers(table, mapId, generation, index) {
    const [insertName, updateName, deleteName] = sqliteCaptureSql.triggerNames(generation, index) as [
      string,
      string,
      string,
    ];
    const on = `ON main.${quoteName(table.map.table)}`;
    const when = anyChanged(table);
    return [
      `CREATE TEMP TRIGGER ${insertName} AFTER INSERT ${on} BEGIN ${record(table, mapId, generation, 'I')} END`,
      `CREATE TEMP TRIGGER ${updateName} AFTER UPDATE ${on} WHEN ${when} BEGIN ${record(table, mapId, generation, 'U')} END`,
      `CREATE TEMP TRIGGER ${deleteName} AFTER DELETE ${on} BEGIN ${record(table, mapId, generation, 'D')} END`,
    ];
  },
};

/** The context row is matched by generation: triggers of an older one, which can revive, record nothing. */
function record({ map }: CapturedTable, mapId: number, generation: number, operation: 'I' | 'U' | 'D'): string {
  const values = valueOrder(map.columns, operation).map(([image, column]) => expression(image, column, operation));
  const statements: string[] = [];
  for (let part = 0; part === 0 || part * valuesPerRow < values.length; part += 1) {
    const slice = values.slice(part * valuesPerRow, (part + 1) * valuesPerRow);
    const targets = [
      'map',
      'operation',
      'part',
      'transaction_id',
      'recorded_at',
      'context',
      ...valueColumns.slice(0, slice.length),
    ];
    const sources = [mapId, `'${operation}'`, part, 'transaction_id', 'recorded_at', 'context', ...slice];
    statements.push(
      `INSERT INTO audit_outbox (${targets.join(', ')}) SELECT ${sources.join(', ')} FROM audit_trail_now WHERE generation = ${generation};`,
    );
  }
  return statements.join(' ');
}

function expression(image: 'before' | 'after', column: MappedColumn, operation: 'I' | 'U' | 'D'): string {
  if (!column.redacted) return `${image === 'before' ? 'OLD' : 'NEW'}.${quoteName(column.name)}`;
  return operation === 'U' && image === 'after' ? `(${changed(column.name, undefined)})` : '0';
}

/** Decided on stored bytes and storage class: by the column's collation `abc` would equal `ABC`, and `1` equals `1.0`. */
function changed(name: string, live: TableColumn | undefined): string {
  const column = quoteName(name);
  const bytes = `OLD.${column} IS NOT NEW.${column} COLLATE BINARY`;
  return live && hasOneNumericClass(live) ? bytes : `${bytes} OR typeof(OLD.${column}) <> typeof(NEW.${column})`;
}

/** TEXT and REAL affinity convert numbers to one storage class, so that equal values are equal bytes. */
function hasOneNumericClass({ declaredType }: TableColumn): boolean {
  if (declaredType.includes('INT')) return false;
  return /CHAR|CLOB|TEXT/.test(declaredType) || (!declaredType.includes('BLOB') && /REAL|FLOA|DOUB/.test(declaredType));
}

function anyChanged(table: CapturedTable): string {
  const terms = table.columns.map(({ mapped, live }) => `(${changed(mapped.name, live)})`);
  // Grouped, because an expression may be 1,000 deep at most and each OR adds a level.
  const groups: string[] = [];
  for (let start = 0; start < terms.length; start += 30)
    groups.push(`(${terms.slice(start, start + 30).join(' OR ')})`);
  return groups.join(' OR ');
}
