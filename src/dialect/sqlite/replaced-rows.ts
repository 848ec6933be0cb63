import type { TableMap } from '../../model/table-map';
import type { Engine } from '../engine';
import { valueColumns } from '../outbox-layout';
import { namedTables, quoteName, quoteText } from './quote';
import { contextRow, inParts, insertPart } from './record-sql';
import { hasReplaceClause, withoutComments } from './replace-clause';

/**
 * REPLACE deletes the rows in its way without firing delete triggers, unless `recursive_triggers` is on, which would make
 * ordinary updated_at triggers of the application recurse. So a BEFORE trigger copies the rows that collide with the
 * new one, and the AFTER trigger records the deletion of those that are really gone. A clause that keeps them (IGNORE,
 * DO UPDATE) never gets there, and one that fails undoes everything.
 */
const keyColumns = Array.from({ length: 32 }, (_, index) => `k${index}`);

/** Where the copies wait; the values lie as in the outbox. */
export const replacedTable = `CREATE TEMP TABLE IF NOT EXISTS audit_trail_replaced (
  captured INTEGER, part INTEGER, ${[...keyColumns, ...valueColumns].join(', ')})`;

export interface ReplacedTriggers {
  beforeInsert: string;
  beforeUpdate: string;
  after: string;
  /** A copied row that a cascade or a trigger deletes meanwhile is recorded by that. */
  afterDelete: string;
}

/** Bodies of the triggers of table number `index`; undefined where the database fires delete triggers by itself. */
export function replacedTriggers(
  engine: Engine,
  map: TableMap,
  mapId: number,
  generation: number,
  index: number,
): ReplacedTriggers | undefined {
  if (engine.pragma('recursive_triggers') === 1) return undefined;
  // Qualified: the application can have a temporary table of the same name.
  const table = `main.${quoteName(map.table)}`;
  const identity = identityOf(engine, map.table);
  const collides = uniqueKeysOf(engine, map.table)
    .map((terms) => `(${terms.length > 0 ? terms.join(' AND ') : '1'})`)
    .join(' OR ');
  const isOld = identity.map((name) => `x.${name} IS OLD.${name}`).join(' AND ');
  const values = map.columns.filter(({ redacted }) => !redacted).map(({ name }) => `x.${quoteName(name)}`);
  const clear = `DELETE FROM audit_trail_replaced WHERE captured = ${index};`;
  const keep = (where: string) =>
    inParts(values)
      .map((slice, part) => {
        const targets = [
          'captured',
          'part',
          ...keyColumns.slice(0, identity.length),
          ...valueColumns.slice(0, slice.length),
        ];
        const sources = [index, part, ...identity.map((name) => `x.${name}`), ...slice];
        return `INSERT INTO audit_trail_replaced (${targets.join(', ')}) SELECT ${sources.join(', ')} FROM ${table} AS x WHERE ${where};`;
      })
      .join(' ');

  const isThere = identity.map((name, key) => `x.${name} IS r.k${key}`).join(' AND ');
  const isNew = identity.map((name, key) => `NEW.${name} IS r.k${key}`).join(' AND ');
  const gone = `(NOT EXISTS (SELECT 1 FROM ${table} AS x WHERE ${isThere}) OR (${isNew}))`;
  const record = inParts(values)
    .map((slice, part) => {
      const from = `audit_trail_replaced AS r, ${contextRow(generation)} AND r.captured = ${index} AND r.part = ${part} AND ${gone}`;
      return insertPart(
        { mapId, operation: 'D', part },
        valueColumns.slice(0, slice.length).map((name) => `r.${name}`),
        from,
      );
    })
    .join(' ');
  return {
    beforeInsert: `${clear} ${keep(collides)}`,
    beforeUpdate: `${clear} ${keep(`(${collides}) AND NOT (${isOld})`)}`,
    after: `${record} ${clear}`,
    afterDelete: `DELETE FROM audit_trail_replaced WHERE captured = ${index} AND ${identity.map((name, key) => `k${key} IS OLD.${name}`).join(' AND ')};`,
  };
}

/** Quoted names of the columns that tell rows apart: the row id, or the key of a table without one. */
function identityOf(engine: Engine, table: string): string[] {
  const columns = engine.execute(
    `SELECT name, pk FROM pragma_table_info(${quoteText(table)}, 'main') ORDER BY pk`,
  ).rows;
  const named = columns as { name: string; pk: number }[];
  if (
    engine.scalar(`SELECT wr FROM pragma_table_list WHERE name = ? COLLATE NOCASE AND schema = 'main'`, [table]) === 1
  ) {
    return named.filter(({ pk }) => pk > 0).map(({ name }) => quoteName(name));
  }
  // A column can have taken one of its names; the key itself would not do, it may hold NULL.
  const taken = named.map(({ name }) => name.toLowerCase());
  return [['rowid', '_rowid_', 'oid'].find((name) => !taken.includes(name)) ?? 'rowid'];
}

/**
 * For each key on which rows can collide, the terms by which row x collides with NEW. Where it can't be told, too many
 * rows are copied and found not to be gone: the condition of a partial index is left out, an expression has no term, and
 * NULL in a column that may not have it stands for a default that is yet to come.
 */
function uniqueKeysOf(engine: Engine, table: string): string[][] {
  const equals = (name: string, collation: string, hasDefault = false) => {
    const same = `x.${name} = NEW.${name} COLLATE ${collation}`;
    return hasDefault ? `(${same} OR NEW.${name} IS NULL)` : same;
  };
  const keys = [identityOf(engine, table).map((name) => equals(name, 'BINARY'))];
  const indexes = engine.execute(
    `SELECT name FROM pragma_index_list(${quoteText(table)}, 'main') WHERE "unique" = 1`,
  ).rows;
  for (const { name: index } of indexes as { name: string }[]) {
    const { rows } = engine.execute(
      `SELECT i.name, i.coll, t."notnull" AND t.dflt_value IS NOT NULL AS hasDefault
       FROM pragma_index_xinfo(${quoteText(index)}, 'main') AS i LEFT JOIN pragma_table_info(${quoteText(table)}, 'main') AS t ON t.cid = i.cid
       WHERE i.key = 1 AND i.name IS NOT NULL ORDER BY i.seqno`,
    );
    const columns = rows as { name: string; coll: string; hasDefault: number }[];
    keys.push(columns.map(({ name, coll, hasDefault }) => equals(quoteName(name), quoteName(coll), hasDefault === 1)));
  }
  return keys;
}

export function replaceableTables(engine: Engine, tables: readonly string[], handedOn: boolean): string[] {
  const { rows } = engine.execute(
    `SELECT type, tbl_name AS name, sql FROM sqlite_master WHERE type IN ('table', 'trigger') AND sql IS NOT NULL
     UNION ALL SELECT type, tbl_name, sql FROM sqlite_temp_master WHERE type = 'trigger' AND name NOT LIKE 'audit\\_trail\\_g%' ESCAPE '\\'`,
  );
  const found = new Set<string>();
  for (const { type, name, sql } of rows as { type: string; name: string; sql: string }[]) {
    if (type === 'table') {
      if (/\bON\s+CONFLICT\s+REPLACE\b/i.test(withoutComments(sql))) found.add(name.toLowerCase());
    } else if (handedOn || hasReplaceClause(sql)) {
      // Which of the tables it names is the target does not matter: one too many costs a little, one too few a record.
      for (const table of namedTables(sql, tables)) found.add(table.toLowerCase());
    }
  }
  return tables.filter((table) => found.has(table.toLowerCase()));
}
