import type { BatchKind } from '../server-dialect';
import { auditTables } from './audit-tables';

const skipped = String.raw`^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|;)*`;
const first = new RegExp(`${skipped}([a-z]+)`, 'i');
/** A word of a name or a text that is taken for a statement costs a few bytes, nothing else. */
const writing = /\b(?:INSERT|UPDATE|DELETE|MERGE|TRUNCATE|WRITETEXT|UPDATETEXT|EXEC|EXECUTE)\b/i;
/** Procedures of the server: many refuse to run in a transaction, and none but this one writes rows of tables. */
const system = new RegExp(`${skipped}EXEC(?:UTE)?\\s+(?:\\[?sys\\]?\\.)?\\[?sp_(?!executesql)`, 'i');
const schemaWords = new Set(['CREATE', 'ALTER', 'DROP', 'GRANT', 'DENY', 'REVOKE', 'DISABLE', 'ENABLE']);
const aboutServer = new Set(['BACKUP', 'RESTORE', 'DBCC', 'USE', 'KILL', 'RECONFIGURE', 'SHUTDOWN', 'CHECKPOINT']);
const steering = new Set(['BEGIN', 'COMMIT', 'ROLLBACK', 'SAVE']);

/** What a batch does, by its first word and the words in it. */
export function batchKind(sql: string): BatchKind {
  const word = first.exec(sql)?.[1]?.toUpperCase() ?? '';
  if (schemaWords.has(word)) return 'ddl';
  if (aboutServer.has(word) || system.test(sql)) return /\bsp_rename\b/i.test(sql) ? 'ddl' : 'other';
  if (steering.has(word) && new RegExp(`${skipped}${word}\\s+(?:TRAN|WORK)`, 'i').test(sql) && !writing.test(sql)) {
    return 'other';
  }
  return writing.test(sql) ? 'write' : 'other';
}

/** What may commit in the midst of a batch. */
const committing = /\b(?:BEGIN\s+(?:DISTRIBUTED\s+)?TRAN|COMMIT|ROLLBACK|SAVE\s+TRAN|EXEC|EXECUTE)/i;

/** Writes are one transaction with their context, and a SELECT does nothing. */
export function isAllOrNothing(sql: string): boolean {
  return (batchKind(sql) === 'write' || first.exec(sql)?.[1]?.toUpperCase() === 'SELECT') && !committing.test(sql);
}

const name = (list: readonly string[]) =>
  `(?:"(?:${list.join('|')})"|\\[(?:${list.join('|')})\\]|(?:${list.join('|')})\\b)`;
const part = String.raw`(?:"[^"]+"|\[[^\]]+\]|[\w$#]+)`;
const destroying = new RegExp(
  `${skipped}(?:DROP\\s+TABLE(?:\\s+IF\\s+EXISTS)?|TRUNCATE\\s+TABLE|ALTER\\s+TABLE)\\s+(?:${part}\\s*\\.\\s*){0,2}(${name(auditTables)})`,
  'i',
);
const adding = new RegExp(`${skipped}ALTER\\s+TABLE\\s+[\\w$.#"\\[\\]]+\\s+ADD\\b`, 'i');

/** The audit table that a statement would drop, empty or alter; to add a column destroys nothing. */
export function auditTableDestroyedBy(sql: string): string | undefined {
  if (adding.test(sql)) return undefined;
  return destroying.exec(sql)?.[1]?.replace(/^["[]|["\]]$/g, '');
}

const truncating = new RegExp(`\\bTRUNCATE\\s+TABLE\\s+((?:${part}\\s*\\.\\s*){0,2}${part})`, 'i');
const disabling = /\bDISABLE\s+TRIGGER\s+(?:ALL\b|[^;]*audit_trail_)/i;
const bulk = /\bBULK\s+INSERT\b/i;

/** What a statement does to rows unseen by triggers. */
export function unrecordedBy(sql: string, isCaptured: (table: string) => boolean): string | undefined {
  const emptied = truncating
    .exec(sql)?.[1]
    ?.replace(/["[\]]/g, '')
    .replace(/\s*\.\s*/g, '.');
  if (emptied !== undefined && isCaptured(emptied)) return `TRUNCATE TABLE ${emptied} fires no trigger.`;
  if (disabling.test(sql)) return 'DISABLE TRIGGER would end the capture.';
  return bulk.test(sql) && !/\bFIRE_TRIGGERS\b/i.test(sql) ? 'BULK INSERT fires no trigger.' : undefined;
}
