import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { AuditEntry } from 'typeorm-audit-trail';
import { type Finished, type Project, example } from './project';

/** The output of a program that had to succeed. */
export function succeeded(result: Finished): string {
  expect(result, `${result.stdout}\n${result.stderr}`).toMatchObject({ exitCode: 0 });
  return result.stdout;
}

/** What must hold for an application that depends on the package, however the package got there. */
export function consumerSuite(current: () => Project): void {
  it.each(['embed.mjs', 'embed.cjs'])("runs the README's %s as it stands", async (name) => {
    const project = current();
    await project.write(join(name, name), await example(name));
    const output = succeeded(await project.run(process.execPath, [name], name));
    expect(output).toMatch(/\binsert\b/);
  });

  it('is one implementation for CommonJS and ESM: contexts and decorators of one hold in the other', async () => {
    const output = succeeded(await current().run(process.execPath, ['fixtures/main.mjs']));
    const { entries, different } = JSON.parse(output) as { entries: AuditEntry[]; different: string[] };
    expect(different).toEqual([]);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ entity: 'Note', operation: 'insert', actor: 'carol' });
    expect(entries[0]?.after).toEqual({ id: 1, text: 'hello' });
  });

  it('loads no driver, HTTP server or command line with the main entry', async () => {
    const loaded = JSON.parse(succeeded(await current().run(process.execPath, ['fixtures/loaded.cjs']))) as string[];
    expect(loaded).toContain('typeorm');
    for (const name of ['better-sqlite3', 'mssql', 'fastify', 'fastify-plugin', 'typebox', 'commander']) {
      expect(loaded).not.toContain(name);
    }
  });

  it(
    'runs the examples of docs/testing.md: under node --test, and where `test` is a global',
    { timeout: 120_000 },
    async () => {
      const project = current();
      for (const name of ['invoice.test.mjs', 'invoice.test.cjs'])
        await project.write(join('conformance', name), await example(name, 'docs/testing.md'));
      const tap = ['--test-reporter=tap', '--test'];
      const output = succeeded(await project.run(process.execPath, [...tap, 'conformance/invoice.test.mjs']));
      expect(output).toMatch(/^ *ok \d+ - Invoice: save: insert$/m);
      expect(output).toMatch(/^ *ok \d+ - Invoice: two flows at once, each with its actor$/m);
      const global = ['--require', './fixtures/test-global.cjs', 'conformance/invoice.test.cjs'];
      expect(succeeded(await project.run(process.execPath, global))).toContain('every write path is recorded');
    },
  );

  it('runs the conformance suite from CommonJS, without an HTTP server or a test runner', async () => {
    const output = succeeded(await current().run(process.execPath, ['fixtures/conformance.cjs']));
    expect(output).toMatch(/^Note +save: insert +note\.I +note\.I +yes$/m);
    expect(output).toContain('Visit (visit): @NotAudited()');
    expect(output.trimEnd().endsWith('[]')).toBe(true);
  });
}
