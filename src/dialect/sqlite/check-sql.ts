import type { CheckSql, KeyedTable, OtherLogs } from '../check-sql';
import { quoteName, quoteText } from './quote';

/** Entries that carry an image of a row; the others may name a row and say nothing of what it holds. */
const hasImage = `operation NOT IN ('event', 'truncate', 'prune', 'schema')`;

export const sqliteCheckSql: CheckSql = {
  listKey: (table) => `SELECT name FROM pragma_table_xinfo(${quoteText(table)}) WHERE pk > 0 ORDER BY pk`,
  countRows: (table) => `SELECT count(*) FROM ${main(table)}`,
  selectRows({ table, columns, key }, fromStart) {
    const values = columns.map(({ name, redacted }) => (redacted ? '0' : quoteName(name)));
    const names = key.map(quoteName).join(', ');
    const after = fromStart ? '' : `WHERE (${names}) > (${places(key.length)})`;
    return `SELECT ${values.join(', ')} FROM ${main(table)} ${after} ORDER BY ${names} LIMIT ?`;
  },
  selectKey: (table) => `SELECT ${table.key.map(quoteName).join(', ')} FROM ${withKey(table)}`,
  selectBytes: (table, column) => `SELECT CAST(${quoteName(column)} AS BLOB) FROM ${withKey(table)}`,
  hasEntries: (entities) => `SELECT EXISTS (SELECT 1 FROM audit_entry WHERE entity IN (${places(entities)}))`,
  newestEntry: 'SELECT coalesce(max(id), 0) FROM audit_entry',
  selectKnown: (entities) =>
    `SELECT k.value FROM json_each(?) AS k WHERE EXISTS (
      SELECT 1 FROM audit_entry AS e WHERE e.entity IN (${places(entities)}) AND e.entity_id = k.value AND e.${hasImage}
    )`,
  mostIds: Infinity,
  selectLast(ids, entities, logs = []) {
    // The newest first by the index on (entity, entity_id), whose last part is the id; the first that fits is taken.
    const last = `coalesce((SELECT x.id FROM audit_entry AS x WHERE x.entity = ? AND x.entity_id = k.value AND x.${hasImage}${of(logs)} ORDER BY x.id DESC LIMIT 1), 0)`;
    const all = entities.map(() => last).join(', ');
    const sql = `SELECT k.value, e.entity, e.after_image, e.schema_version, e.id, 1, e.log_id, e.seq FROM json_each(?) AS k
      CROSS JOIN audit_entry AS e ON e.id = ${entities.length === 1 ? all : `max(${all})`} ORDER BY k.key`;
    return { sql, parameters: [JSON.stringify(ids), ...entities.flatMap((entity) => [entity, ...logs])] };
  },
  selectLeft(ids, entities, logs = []) {
    const has = `SELECT 1 FROM audit_entry AS x INDEXED BY audit_entry_moved_from
      WHERE x.entity IN (${places(entities.length)}) AND x.moved_from = k.value ->> 0 AND x.id > k.value ->> 1${of(logs)}`;
    return {
      sql: `SELECT k.key FROM json_each(?) AS k WHERE EXISTS (${has})`,
      parameters: [JSON.stringify(ids), ...entities, ...logs],
    };
  },
  selectIds: (entity, after, limit, logs = []) => ({
    sql: `SELECT entity_id, count(*) FROM audit_entry WHERE entity = ? AND entity_id ${after === undefined ? '>=' : '>'} ?${of(logs)}
      GROUP BY entity_id ORDER BY entity_id LIMIT ?`,
    parameters: [entity, after ?? '', ...logs, limit],
  }),
  countEntries: (entities, logs = []) => ({
    sql: `SELECT count(*) FROM audit_entry WHERE entity IN (${places(entities.length)}) AND entity_id IS NOT NULL${of(logs)}`,
    parameters: [...entities, ...logs],
  }),
};

function of(logs: OtherLogs): string {
  return logs.length > 0 ? ` AND log_id IN (${places(logs.length)})` : '';
}

function main(table: string): string {
  return `main.${quoteName(table)}`;
}

function places(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ');
}

function withKey({ table, key }: KeyedTable): string {
  return `${main(table)} WHERE ${key.map((name) => `${quoteName(name)} IS ?`).join(' AND ')}`;
}
