import type { Engine } from '../engine';
import { withoutComments } from './replace-clause';

/**
 * A BEFORE trigger that changes the row its statement is about to change: SQLite loads OLD before it runs, and calls the
 * result undefined (https://www.sqlite.org/lang_createtrigger.html, "Cautions On The Use Of BEFORE Triggers").
 */
export function doubts(engine: Engine, tables: readonly string[]): string[] {
  const captured = new Set(tables.map((table) => table.toLowerCase()));
  const { rows } = engine.execute(`SELECT name, tbl_name AS "table", sql FROM sqlite_master WHERE type = 'trigger'`);
  return (rows as { name: string; table: string; sql: string }[])
    .filter(({ table, sql }) => captured.has(table.toLowerCase()) && changesItsOwnRow(withoutComments(sql), table))
    .map(
      ({ name, table }) =>
        `The BEFORE trigger "${name}" changes its own table "${table}": the image before such a change can be out of date.`,
    );
}

function changesItsOwnRow(sql: string, table: string): boolean {
  if (!/\bBEFORE\s+(?:UPDATE|DELETE)\b/i.test(sql)) return false;
  const name = table.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`\\bBEGIN\\b[\\s\\S]*\\bUPDATE\\s+(?:OR\\s+\\w+\\s+)?["'\`[]?${name}(?![\\w$])`, 'i').test(sql);
}
