import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as errors from '../src/errors';

// Some take a list of what would have been right instead of details; an empty list is good for both.
type Constructor = new (message: string, details: []) => errors.AuditError;

/** What an instance of each class says about itself. */
const registry = Object.entries(errors)
  .filter(([name]) => name !== 'AuditError')
  .map(([name, value]) => {
    const error = new (value as unknown as Constructor)('a message', []);
    const { code, statusCode, retryable, remedy } = error;
    return { name, code, statusCode: String(statusCode), retry: retryable ? 'yes' : 'no', remedy };
  });

describe('docs/errors.md', () => {
  it('lists every error with what it says, and no other', () => {
    const page = readFileSync(join(__dirname, '../docs/errors.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `(\w+)` \| `(\w+)` \| (\d+) \| (yes|no) \| (.*) \|$/gm)];
    const listed = rows.map(([, code, name, statusCode, retry, remedy]) => ({ name, code, statusCode, retry, remedy }));
    const byCode = (a: { code?: string }, b: { code?: string }) => String(a.code).localeCompare(String(b.code));
    expect(listed.sort(byCode)).toEqual(registry.sort(byCode));
  });

  it('has no code twice', () => {
    expect(new Set(registry.map(({ code }) => code)).size).toBe(registry.length);
  });
});
