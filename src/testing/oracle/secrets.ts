import { cellBytes, type Cell } from './cell';
import { type HiddenColumns, hiddenOf } from './hidden-columns';
import type { Row } from './snapshot';

interface Secret {
  where: string;
  bytes: Buffer;
}

/** Shorter values turn up by accident. */
const shortest = 6;

/** Values of redacted columns that rows of a table held, without those that an open column holds as well. */
export function secretsOf(rows: readonly { table: string; row: Row }[], hidden: HiddenColumns): Secret[] {
  const open: Buffer[] = [];
  const secrets = new Map<Cell, Secret>();
  for (const { table, row } of rows) {
    const { left, redacted } = hiddenOf(hidden, table);
    for (const [column, cell] of Object.entries(row)) {
      const bytes = cellBytes(cell);
      if (!bytes || left.has(column.toLowerCase())) continue;
      if (!redacted.has(column.toLowerCase())) open.push(bytes);
      else if (bytes.length >= shortest) secrets.set(cell, { where: `${table}.${column}`, bytes });
    }
  }
  return [...secrets.values()].filter(({ bytes }) => !open.some((other) => other.includes(bytes)));
}

/** Where secrets were found in the audit tables, a sentence each, whether as they are or written as text of some kind. */
export function leaks(secrets: readonly Secret[], found: readonly { where: string; bytes: Buffer }[]): string[] {
  const problems = new Set<string>();
  for (const { where, bytes } of secrets) {
    const forms = [bytes, ...['hex', 'base64'].map((form) => Buffer.from(bytes.toString(form as 'hex' | 'base64')))];
    forms.push(Buffer.from(JSON.stringify(bytes.toString()).slice(1, -1)));
    for (const place of found) {
      if (forms.some((form) => place.bytes.includes(form)))
        problems.add(`a value of the redacted column ${where} is in ${place.where}`);
    }
  }
  return [...problems];
}
