import { inspect } from 'node:util';
import type { Failure } from './failure';

/** One line of a report for people: what it is about, and what there is to say. */
export type Line = readonly [label: string, text: string];

/** Prints an answer of a program: the envelope of the HTTP API, so that one client reads both. */
export function printJson(data: object, { compact = false } = {}): void {
  process.stdout.write(`${JSON.stringify({ success: true, data }, null, compact ? 0 : 2)}\n`);
}

export function printText(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Lines with their labels in a column of their own. */
export function alignLines(lines: readonly Line[]): string {
  const width = Math.max(...lines.map(([label]) => label.length)) + 3;
  return lines.map(([label, text]) => `${label.padEnd(width)}${text}`.trimEnd()).join('\n');
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;
}

/** Reports a failure on standard error, and with `json` in the envelope on standard output as well. */
export function printFailure(failure: Failure, error: unknown, json: boolean): void {
  const { code } = failure;
  const message = conceal(failure.message);
  const remedy = conceal(failure.remedy);
  process.stderr.write(`audit-trail: ${code}: ${message}\n${remedy}\n`);
  if (isDebugging()) process.stderr.write(`${conceal(inspect(error))}\n`);
  if (json) {
    const answer = { success: false, error: { code, message, remedy } };
    process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  }
}

function isDebugging(): boolean {
  return (process.env['DEBUG'] ?? '').split(/[\s,]+/).some((name) => name === 'audit-trail' || name === '*');
}

/** URLs that may hold a password. A driver, or a URL that could not be parsed, may repeat them. */
function secretUrls(): string[] {
  const texts = [
    process.env['DATABASE_URL'] ?? '',
    process.env['TARGET_DATABASE_URL'] ?? '',
    ...process.argv.slice(2).map((text) => text.replace(/^--[a-z-]+=/, '')),
  ];
  return texts.filter((text) => /:\/\/.*@/.test(text));
}

/** A text without the URLs of the command that may hold a password. */
export function conceal(text: string): string {
  return secretUrls().reduce((result, secret) => result.replaceAll(secret, '(the database URL)'), text);
}
