import type { Engine } from '../engine';
import { withoutComments } from './replace-clause';

/**
 * A BEFORE trigger that changes the row its statement is about to change: SQLite loads OLD before it runs, and calls the
 * result undefined (https://www.sqlite.org/lang_createtrigger.html, "Cautions On The Use Of BEFORE Triggers").
 */
export function doubts(engine: Engine, tables: readonly string[]): string[] {
  const captured = new Set(tables.map((table) => table.toLowerCase()));
  const { rows } = engine.execute(
    `SELECT name, lower(tbl_name) AS "table", sql FROM sqlite_master WHERE type = 'trigger'`,
  );
  const triggers = (rows as UserTrigger[]).map((trigger) => ({ ...trigger, sql: withoutComments(trigger.sql) }));
  return triggers
    .filter(({ table, sql }) => captured.has(table) && /\bBEFORE\s+(?:UPDATE|DELETE)\b/i.test(sql))
    .filter((trigger) => reaches(trigger, trigger.table, triggers))
    .map(
      ({ name, table }) =>
        `The BEFORE trigger "${name}" changes its own table "${table}": the image before such a change can be out of date.`,
    );
}

interface UserTrigger {
  name: string;
  table: string;
  sql: string;
}

/** Whether a trigger writes a table, by itself or by the triggers of what it writes. One too many is only a warning. */
function reaches(trigger: UserTrigger, target: string, triggers: readonly UserTrigger[]): boolean {
  const seen = new Set<string>();
  const waiting = [trigger];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    for (const table of written(next.sql)) {
      if (table === target) return true;
      if (seen.has(table)) continue;
      seen.add(table);
      waiting.push(...triggers.filter((other) => other.table === table));
    }
  }
  return false;
}

/** Tables that the statements of a trigger's body insert into, update or delete from, in lower case. */
function written(sql: string): string[] {
  const body = sql.slice(sql.search(/\bBEGIN\b/i));
  const targets = body.matchAll(
    /\b(?:INTO|FROM|UPDATE(?:\s+OR\s+\w+)?)\s+(?:"([^"]+)"|\[([^\]]+)\]|`([^`]+)`|([\w$]+))/gi,
  );
  return [...targets].map((match) => (match[1] ?? match[2] ?? match[3] ?? match[4])!.toLowerCase());
}
