import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { temporaryFile } from './support/databases';

const root = join(__dirname, '..');

/** Runs TypeORM's own command line with the built `ormconfig`. */
async function typeorm(command: string, file: string, environment: Record<string, string> = {}) {
  const arguments_ = [join(root, 'node_modules/typeorm/cli.js'), '-d', join(root, 'dist/ormconfig.js'), command];
  const env = { ...process.env, ...environment, DATABASE_URL: `sqlite:${file}` };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, arguments_, { env, cwd: root });
    return { code: 0, output: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}

function tables(file: string): string[] {
  const database = new Database(file, { readonly: true });
  const names = database
    .prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'audit%'`)
    .pluck()
    .all();
  database.close();
  return (names as string[]).sort();
}

const auditTables = [
  'audit_context',
  'audit_entry',
  'audit_meta',
  'audit_migrations',
  'audit_outbox',
  'audit_quarantine',
  'audit_rollup',
];

describe('ormconfig.ts with the TypeORM command line', () => {
  it('shows, runs and, when the destruction of the log is allowed, reverts the audit migrations', async () => {
    const file = temporaryFile();
    expect((await typeorm('migration:show', file)).output).toContain('[ ] AuditSchema');
    expect(await typeorm('migration:run', file)).toMatchObject({ code: 0 });
    expect(tables(file)).toEqual(auditTables);
    expect((await typeorm('migration:show', file)).output).toMatch(/\[X\] \d+ AuditSchema/);

    // Roll-ups are made of the log, so that nothing is lost with them.
    expect(await typeorm('migration:revert', file)).toMatchObject({ code: 0 });
    const refused = await typeorm('migration:revert', file);
    expect(refused.code).toBe(1);
    expect(refused.output).toContain('belongs to the audit log');
    expect(tables(file)).toEqual(auditTables);

    // One migration at a time, the newest first.
    for (const left of [auditTables, ['audit_migrations']]) {
      expect(await typeorm('migration:revert', file, { AUDIT_ALLOW_LOG_DESTRUCTION: 'yes' })).toMatchObject({
        code: 0,
      });
      expect(tables(file)).toEqual(left);
    }
  });
});
