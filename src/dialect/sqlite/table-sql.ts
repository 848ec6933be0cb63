import { ExactDecimal, InvalidText } from '../../model/stored-value';
import type { Reference, TableSql } from '../table-sql';
import { quoteName, quoteText } from './quote';

/** A row id goes by any of these names that is no column's. */
const rowIds = ['rowid', '_rowid_', 'oid'];

export const sqliteTableSql: TableSql = {
  references: (engine) =>
    engine.execute(
      `SELECT m.name AS "table", f."table" AS "to" FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table'`,
    ).rows as Reference[],
  rowKey(engine, table, columns) {
    const names = new Set(columns.map((name) => name.toLowerCase()));
    const free = rowIds.find((name) => !names.has(name));
    const hasRowId = engine.scalar(
      `SELECT 1 FROM pragma_table_list WHERE schema = 'main' AND name = ? COLLATE NOCASE AND wr = 0`,
      [table],
    );
    if (free !== undefined && hasRowId === 1) return [free];
    const key = `SELECT name FROM pragma_table_xinfo(${quoteText(table)}) WHERE pk > 0 ORDER BY pk`;
    return engine.selectStored(key, [], () => true).map(([name]) => name as string);
  },
  insertRow(table, columns, row) {
    const places = row.map((value) => (value instanceof InvalidText ? 'CAST(? AS TEXT)' : '?'));
    return {
      sql: `INSERT INTO main.${quoteName(table)} (${columns.map(quoteName).join(', ')}) VALUES (${places.join(', ')})`,
      parameters: row.map((value) => {
        if (value instanceof InvalidText) return value.bytes;
        return value instanceof ExactDecimal ? value.digits : value;
      }),
    };
  },
  triggers(engine, table) {
    const rows = engine.execute(
      `SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE`,
      [table],
    ).rows as { name: string; sql: string }[];
    return rows.map(({ name, sql }) => ({ drop: `DROP TRIGGER main.${quoteName(name)}`, create: sql }));
  },
  allowStrayReferences(engine, areAllowed) {
    engine.pragma(`foreign_keys = ${areAllowed ? 'OFF' : 'ON'}`);
  },
  strayReferences: (engine) =>
    engine
      .selectStored('SELECT DISTINCT "table" FROM pragma_foreign_key_check', [], () => true)
      .map(([table]) => table as string),
  nextNumber(engine, table) {
    const key = engine.selectStored(
      `SELECT name, upper(type) FROM pragma_table_xinfo(${quoteText(table)}) WHERE pk > 0`,
      [],
      () => true,
    );
    const [name, type] = key[0] ?? [];
    if (key.length !== 1 || type !== 'INTEGER') return undefined;
    const value = (sql: string, parameters: unknown[]) =>
      engine.selectStored(sql, parameters, () => false)[0]?.[0] as bigint | null | undefined;
    const highest = value(`SELECT max(${quoteName(name as string)}) FROM main.${quoteName(table)}`, []) ?? 0n;
    const given = hasSequences(engine) ? value(selectSequence, [table]) : undefined;
    return (given !== undefined && given !== null && given > highest ? given : highest) + 1n;
  },
  /** A table without a memory goes on behind its highest row by itself. */
  numberFrom(engine, table, next) {
    const remembers = engine.scalar(
      `SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE AND sql LIKE '%AUTOINCREMENT%'`,
      [table],
    );
    if (remembers !== 1 || !hasSequences(engine)) return;
    engine.execute('DELETE FROM sqlite_sequence WHERE name = ? COLLATE NOCASE', [table]);
    engine.execute('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)', [table, next - 1n]);
  },
};

const selectSequence = 'SELECT seq FROM sqlite_sequence WHERE name = ? COLLATE NOCASE';

type Engine = Parameters<TableSql['references']>[0];

function hasSequences(engine: Engine): boolean {
  return engine.scalar(`SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'`) === 1;
}
