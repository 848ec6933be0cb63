import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFile } from '../support/databases';
import { countRows, databaseWithPending, dataOf, failureOf, fixture, run } from './command';

const forms = [
  'named.cjs',
  'default.mjs',
  'transpiled.cjs',
  'itself.cjs',
  'factory.cjs',
  'only-function.cjs',
  'open.cjs',
];

describe('--data-source', () => {
  it.each(forms)('takes %s, and leaves the schema of the application alone', async (name) => {
    const file = await databaseWithPending(2);
    const env = { NOTES_DATABASE: file };
    const stats = await dataOf(['stats', '--data-source', fixture(name)], { env });
    expect(stats).toMatchObject({ pending_count: 2, capture: { tables: ['note'] } });
    expect(countRows(file)).toEqual({ pending: 2, entries: 0, notes: 2 });
  });

  it('comes before DATABASE_URL', async () => {
    const env = { NOTES_DATABASE: await databaseWithPending(1), DATABASE_URL: 'sqlite:missing.sqlite' };
    expect(await dataOf(['stats', '--data-source', fixture('named.cjs')], { env })).toMatchObject({ pending_count: 1 });
  });

  it('is relative to the current folder', async () => {
    const env = { NOTES_DATABASE: await databaseWithPending(1) };
    const cwd = dirname(fixture('named.cjs'));
    expect(await dataOf(['stats', '--data-source', 'named.cjs'], { env, cwd })).toMatchObject({ pending_count: 1 });
  });

  it.each([
    ['missing.js', 'AUDIT_CLI_DATA_SOURCE_NOT_FOUND', '"'],
    ['broken.cjs', 'AUDIT_CLI_DATA_SOURCE_FAILED', 'the configuration is missing'],
    ['none.cjs', 'AUDIT_CLI_DATA_SOURCE_EXPORT', 'exports no TypeORM DataSource'],
    ['several.cjs', 'AUDIT_CLI_DATA_SOURCE_EXPORT', 'several DataSources: first, second'],
    ['never.mjs', 'AUDIT_CLI_FAILED', 'Nothing is left to do'],
  ])('refuses %s', async (name, code, message) => {
    const env = { NOTES_DATABASE: temporaryFile() };
    const error = await failureOf(['stats', '--data-source', fixture(name)], 1, { env });
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  it('says what to do about TypeScript', async () => {
    const file = temporaryFile('data-source.ts');
    // An enum is more than a type: newer versions of Node, which strip types, refuse it too.
    writeFileSync(file, 'export enum Mode { On }\nexport default null;\n');
    const error = await failureOf(['stats', '--data-source', file], 1);
    expect(error.code).toBe('AUDIT_CLI_TYPESCRIPT');
    expect(error.remedy).toContain('Compile it first');
  });

  it('refuses a module whose project has a copy of the library of its own', async () => {
    const folder = dirname(temporaryFile());
    const copy = join(folder, 'node_modules', 'typeorm-audit-trail');
    mkdirSync(copy, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{}');
    writeFileSync(join(copy, 'index.js'), '');
    writeFileSync(join(folder, 'data-source.js'), 'module.exports = {};');
    const error = await failureOf(['stats', '--data-source', 'data-source.js'], 1, { cwd: folder });
    expect(error.code).toBe('AUDIT_CLI_OTHER_COPY');
    expect(error.remedy).toContain('npx audit-trail');
  });
});

describe('a database', () => {
  it.each(['stats', 'flush', 'serve'])('that is not there is not created by %s', async (command) => {
    const file = temporaryFile('missing.sqlite');
    for (const args of [
      ['--url', `sqlite:${file}`],
      ['--data-source', fixture('named.cjs')],
    ]) {
      const error = await failureOf([command, ...args], 1, { env: { NOTES_DATABASE: file } });
      expect(error.code).toBe('AUDIT_CLI_DATABASE_NOT_FOUND');
      expect(error.message).toContain(file);
      expect(() => countRows(file)).toThrow();
    }
  });

  it.each(['stats', 'flush', 'serve', 'migrate'])('in memory is refused by %s', async (command) => {
    const error = await failureOf([command, '--url', 'sqlite::memory:'], 1);
    expect(error.code).toBe('AUDIT_CLI_IN_MEMORY');
  });

  it.each(['stats', 'flush', 'serve'])('without audit tables is told so by %s', async (command) => {
    const file = temporaryFile();
    writeFileSync(file, '');
    const error = await failureOf([command, '--url', `sqlite:${file}`], 1);
    expect(error.code).toBe('AUDIT_SCHEMA_MISSING');
    expect(error.remedy).toContain('audit-trail migrate');
  });

  it('that is none is refused with the code of the driver', async () => {
    const file = temporaryFile('letter.sqlite');
    writeFileSync(file, 'Dear Sir or Madam, '.repeat(100));
    expect(await failureOf(['stats', '--url', `sqlite:${file}`], 1)).toMatchObject({ code: 'SQLITE_NOTADB' });
  });
});

it('a module that writes to standard output does not spoil the answer', async () => {
  const env = { NOTES_DATABASE: await databaseWithPending(0) };
  const { code, stdout, stderr } = await run(['flush', '--data-source', fixture('default.mjs'), '--json'], { env });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ success: true });
  expect(stderr).toContain('greets');
});
