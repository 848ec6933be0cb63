import { type CapturedTable, type CaptureSql, refusalMarks, type TriggerDefinition } from '../capture-sql';
import { anyChanged } from './changed-sql';
import { doubts } from './doubts';
import { namedTables, quoteName, quoteText } from './quote';
import { contextRow, recordRow } from './record-sql';
import { replacedTable, replacedTriggers, replaceableTables } from './replaced-rows';

const prefix = 'audit_trail_g';

/** TEMP triggers: they live on the writing connection and leave no trace in the application's schema. */
export const sqliteCaptureSql: CaptureSql = {
  createWorkTables: [
    `CREATE TEMP TABLE IF NOT EXISTS audit_trail_now (generation INTEGER, transaction_id TEXT, recorded_at INTEGER, context TEXT)`,
    `INSERT INTO audit_trail_now (generation) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM audit_trail_now)`,
    replacedTable,
  ],
  createWarned: `CREATE TEMP TABLE IF NOT EXISTS audit_trail_warned (entity TEXT, missing TEXT, count INTEGER DEFAULT 0, PRIMARY KEY (entity, missing))`,
  insertWarned: `INSERT OR IGNORE INTO audit_trail_warned (entity, missing) VALUES (?, ?)`,
  selectWarned: `SELECT entity, missing, count FROM audit_trail_warned`,
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
    const policy = policyOf(table, generation);
    const recorded = (operation: 'I' | 'U' | 'D') => `${policy} ${recordRow(table, mapId, generation, operation)}`;
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

const fieldOf = { context: 'actor', reason: 'reason' } as const;

/** RAISE(ABORT) holds whatever conflict clause the outer statement has; the counter's UPDATE has nothing to conflict with. */
function policyOf({ map, requires, warnsOnly }: CapturedTable, generation: number): string {
  const entity = quoteText(map.entity);
  return requires
    .map((requirement) => {
      const isMissing = `coalesce(json_extract(context, '$.${fieldOf[requirement]}'), '') = ''`;
      if (!warnsOnly) {
        const message = quoteText(`${refusalMarks[requirement]} ${map.entity}`);
        return `SELECT RAISE(ABORT, ${message}) FROM audit_trail_now WHERE ${isMissing};`;
      }
      return `UPDATE audit_trail_warned SET count = count + 1 WHERE entity = ${entity} AND missing = '${requirement}'
        AND EXISTS (SELECT 1 FROM ${contextRow(generation)} AND ${isMissing});`;
    })
    .join(' ');
}
