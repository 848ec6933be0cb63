import { type CaptureSql, reasonRequiredMark, type TriggerDefinition } from '../capture-sql';
import { anyChanged } from './changed-sql';
import { doubts } from './doubts';
import { namedTables, quoteName, quoteText } from './quote';
import { recordRow } from './record-sql';
import { replacedTable, replacedTriggers, replaceableTables } from './replaced-rows';

const prefix = 'audit_trail_g';

/** TEMP triggers: they live on the writing connection and leave no trace in the application's schema. */
export const sqliteCaptureSql: CaptureSql = {
  createWorkTables: [
    `CREATE TEMP TABLE IF NOT EXISTS audit_trail_now (generation INTEGER, transaction_id TEXT, recorded_at INTEGER, context TEXT)`,
    `INSERT INTO audit_trail_now (generation) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM audit_trail_now)`,
    replacedTable,
  ],
  updateContextRow: `UPDATE audit_trail_now SET generation = ?, transaction_id = ?, recorded_at = ?, context = ?`,
  insertEvent: `INSERT INTO audit_outbox (map, operation, part, transaction_id, recorded_at, context, v0)
    SELECT 0, 'E', 0, transaction_id, recorded_at, context, ? FROM audit_trail_now`,
  foreignCommits: 'PRAGMA data_version',
  enforcesForeignKeys: 'PRAGMA foreign_keys',
  listTriggers: `SELECT name FROM sqlite_temp_master WHERE type = 'trigger' AND name LIKE 'audit\\_trail\\_g%' ESCAPE '\\'`,
  versions: ['PRAGMA main.schema_version', 'PRAGMA temp.schema_version'],
  replaceVersions: ['PRAGMA recursive_triggers'],
  namedTables,
  listVirtualTables: `SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%'`,
  listColumns: (table) =>
    `SELECT name, upper(type) AS declaredType, pk > 0 AS isKey FROM pragma_table_xinfo(${quoteText(table)}, 'main') WHERE hidden <> 1 ORDER BY cid`,
  tableOf(engine, path) {
    const [, schema, name] = /^(?:(.*)\.)?(.*)$/s.exec(path)!;
    if (schema !== undefined) return schema.toLowerCase() === 'main' ? name : undefined;
    // A temporary table of the same name stands in front of it.
    const isHidden = `SELECT 1 FROM sqlite_temp_master WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE`;
    return engine.scalar(isHidden, [name]) === 1 ? undefined : name;
  },
  dropTrigger: (name) => `DROP TRIGGER IF EXISTS temp.${quoteName(name)}`,
  replaceableTables,
  doubts,
  triggers(engine, table, mapId, generation, index) {
    const on = `ON main.${quoteName(table.map.table)}`;
    const refusal = table.requiresReason ? refuseWithoutReason(table.map.entity) : '';
    const recorded = (operation: 'I' | 'U' | 'D') => `${refusal} ${recordRow(table, mapId, generation, operation)}`;
    const replaced = table.isReplaceable ? replacedTriggers(engine, table.map, mapId, generation, index) : undefined;
    const bodies: Record<string, string> = {
      ...(replaced && { bi: `BEFORE INSERT ${on} BEGIN ${replaced.beforeInsert} END` }),
      ...(replaced && { bu: `BEFORE UPDATE ${on} BEGIN ${replaced.beforeUpdate} END` }),
      i: `AFTER INSERT ${on} BEGIN ${replaced?.after ?? ''} ${recorded('I')} END`,
      u: `AFTER UPDATE ${on} WHEN ${anyChanged(table)} BEGIN ${replaced?.after ?? ''} ${recorded('U')} END`,
      d: `AFTER DELETE ${on} BEGIN ${replaced?.afterDelete ?? ''} ${recorded('D')} END`,
    };
    return Object.entries(bodies).map(([suffix, body]): TriggerDefinition => {
      const name = `${prefix}${generation}_t${index}_${suffix}`;
      return { name, sql: `CREATE TEMP TRIGGER ${name} ${body}` };
    });
  },
};

/** RAISE(ABORT) holds whatever conflict clause the outer statement has. */
function refuseWithoutReason(entity: string): string {
  const message = quoteText(`${reasonRequiredMark} ${entity}`);
  return `SELECT RAISE(ABORT, ${message}) FROM audit_trail_now WHERE coalesce(json_extract(context, '$.reason'), '') = '';`;
}
