import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataSource } from 'typeorm';
import { auditContext, SwitchDiffersError } from '../../src/index';
import { type SwitchOptions, switchDatabase } from '../../src/switch/switch-database';
import { audited, stock, temporaryFile } from '../support/databases';
import { entities, fill, fillCycles, Person, readAll } from './application';
import { behind } from './behind';

const all: SwitchOptions = { tables: 'all', application: { entities } };

async function source(people = 5): Promise<string> {
  const file = temporaryFile('source.sqlite');
  const { dataSource, trail } = await audited(entities, { url: `sqlite:${file}` });
  await auditContext.run({ actor: 'ann' }, async () => {
    await fill(dataSource.manager, people);
    await fillCycles(dataSource.manager);
  });
  await trail.flush();
  await dataSource.destroy();
  return file;
}

async function emptyTarget(): Promise<string> {
  const file = temporaryFile('target.sqlite');
  await (await stock(entities, file)).destroy();
  return file;
}

async function read(file: string) {
  const dataSource = await new DataSource({ type: 'better-sqlite3', database: file, entities }).initialize();
  try {
    return await readAll(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

/** Of all rows of the application's tables as stored. */
function digestOf(file: string): string {
  return behind(file, (database) => {
    const hash = createHash('sha256');
    const names = database
      .prepare(
        `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'audit%' AND name NOT LIKE 'sqlite%' ORDER BY name`,
      )
      .pluck()
      .all() as string[];
    for (const name of names)
      hash.update(JSON.stringify([name, database.prepare(`SELECT * FROM "${name}"`).raw().all()]));
    return hash.digest('hex');
  });
}

const failed = (steps: readonly { name: string; status: string }[]) =>
  steps.filter(({ status }) => status === 'failed').map(({ name }) => name);

describe("moving the application's tables", () => {
  it('brings every row, and TypeORM reads the same in the target', async () => {
    const [from, to] = [await source(), await emptyTarget()];
    const [before, digest] = [await read(from), digestOf(from)];
    const report = await switchDatabase(`sqlite:${from}`, `sqlite:${to}`, { ...all, context: { actor: 'dba' } });
    expect(report.steps.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(report.ok).toBe(true);
    expect(await read(to)).toEqual(before);
    expect(digestOf(from)).toBe(digest);
    expect(digestOf(to)).toBe(digest);
    for (const table of report.tables) expect(table.to).toBe(table.from);
    expect(report.tables.map(({ table, rows, copied }) => [table, rows, copied])).toEqual(
      expect.arrayContaining([
        ['person', 5, 5],
        ['person_skills_skill', 4, 4],
        ['category_closure', 3, 3],
        ['session', 1, 1],
        ['animal', 1, 1],
      ]),
    );
    expect(report.tables.map(({ table }) => table)).not.toContain('code');
  });

  it('makes the tables of the entities where it is told to', async () => {
    const from = await source();
    const to = temporaryFile('target.sqlite');
    const refused = await switchDatabase(`sqlite:${from}`, `sqlite:${to}`, all);
    expect(failed(refused.steps)).toEqual(['tables']);
    expect(existsSync(to)).toBe(false);
    const options = { ...all, synchronize: true };
    expect(await switchDatabase(`sqlite:${from}`, `sqlite:${to}`, { ...options, dryRun: true })).toMatchObject({
      ok: true,
    });
    expect(existsSync(to)).toBe(false);
    expect(await switchDatabase(`sqlite:${from}`, `sqlite:${to}`, options)).toMatchObject({ ok: true });
    expect(digestOf(to)).toBe(digestOf(from));
  });

  it('records it in one entry, captures nothing else, and leaves no difference for the doctor', async () => {
    const [from, to] = [await source(), await emptyTarget()];
    const before = await audited(entities, { url: `sqlite:${to}` });
    await before.dataSource.destroy();
    const report = await switchDatabase(`sqlite:${from}`, `sqlite:${to}`, { ...all, context: { actor: 'dba' } });
    const { trail, dataSource } = await audited(entities, { url: `sqlite:${to}` });
    const { entries } = await trail.recent({ fresh: true, limit: 1 });
    expect(entries[0]).toMatchObject({ operation: 'event', actor: 'dba', after: { name: 'audit-trail switch' } });
    const { data } = entries[0]!.after as { data: { tables: Record<string, number>; entries: number } };
    expect(data.tables).toMatchObject({ person: 5, country: 2, employee: 2, session: 1 });
    expect(await trail.stats()).toMatchObject({ totalEntries: data.entries + 1 });
    expect(await trail.doctor()).toMatchObject({ differences: [], skipped: [] });
    await dataSource.destroy();
    const note = `SELECT count(*) FROM audit_meta WHERE name LIKE 'tables:%' OR name LIKE 'switch:%'`;
    expect(behind(to, (database) => database.prepare(note).pluck().get())).toBe(0);
    expect(report.tables.length).toBeGreaterThan(10);
  });

  it('gives the next row the number that the source would have given', async () => {
    const [from, to] = [await source(), await emptyTarget()];
    await switchDatabase(`sqlite:${from}`, `sqlite:${to}`, all);
    const next = (file: string) =>
      behind(file, (database) => database.prepare(`INSERT INTO skill (name) VALUES ('x') RETURNING id`).pluck().get());
    // The third was deleted.
    expect([next(from), next(to)]).toEqual([4, 4]);
  });

  it("fires none of the application's triggers, and keeps them", async () => {
    const [from, to] = [await source(), await emptyTarget()];
    const trigger = `CREATE TRIGGER loud AFTER INSERT ON country BEGIN UPDATE country SET name = 'loud'; END`;
    behind(to, (database) => database.exec(trigger));
    await switchDatabase(`sqlite:${from}`, `sqlite:${to}`, all);
    expect(digestOf(to)).toBe(digestOf(from));
    const triggers = behind(to, (database) =>
      database.prepare(`SELECT sql FROM sqlite_master WHERE type = 'trigger'`).pluck().all(),
    );
    expect(triggers).toEqual([trigger]);
  });

  it('brings what no entity knows of: other columns, tables without a key or row ids, text that is no UTF-8', async () => {
    const [from, to] = [await source(), await emptyTarget()];
    for (const file of [from, to]) {
      behind(file, (database) => {
        database.exec(`ALTER TABLE country ADD COLUMN extra; DROP TABLE session; CREATE TABLE session (token TEXT, rowid TEXT);
          DROP TABLE pair; CREATE TABLE pair (a INTEGER, b TEXT, value, double AS (a * 2), PRIMARY KEY (b, a)) WITHOUT ROWID`);
      });
    }
    behind(from, (database) => {
      database.exec(`UPDATE country SET extra = CAST(x'ff41' AS TEXT) WHERE code = 'de';
        INSERT INTO session VALUES ('a', 'x'), ('a', 'x'), (x'00', 1.0), (9007199254740993, NULL);
        INSERT INTO pair (a, b, value) VALUES (1, 'b', 1e300), (2, 'a', 2), (2, 'b', -0.0)`);
    });
    const report = await switchDatabase(`sqlite:${from}`, `sqlite:${to}`, all);
    expect(failed(report.steps)).toEqual([]);
    expect(report.steps.find(({ name }) => name === 'columns')).toMatchObject({ status: 'warning' });
    const rows = (file: string) =>
      behind(file, (database) => [
        database.prepare('SELECT code, CAST(extra AS BLOB), typeof(extra) FROM country ORDER BY 1').raw().all(),
        database
          .prepare('SELECT token, typeof(token), rowid, typeof(rowid) FROM session ORDER BY _rowid_')
          .safeIntegers()
          .raw()
          .all(),
        database.prepare('SELECT *, typeof(value) FROM pair').safeIntegers().raw().all(),
      ]);
    expect(rows(to)).toEqual(rows(from));
  });
});

describe('the preflight of a switch of tables', () => {
  it('refuses a target whose tables have rows, and names them', async () => {
    const [from, to] = [await source(), await emptyTarget()];
    behind(to, (database) => database.exec(`INSERT INTO country VALUES ('x', 'y')`));
    const report = await switchDatabase(`sqlite:${from}`, `sqlite:${to}`, all);
    expect(failed(report.steps)).toEqual(['rows']);
    expect(report.steps.find(({ name }) => name === 'rows')!.detail).toContain('country has 1');
    expect(report.copied).toBe(0);
  });

  it('refuses tables that are missing on either side, and columns that do not match', async () => {
    const [from, to] = [await source(), await emptyTarget()];
    behind(to, (database) => {
      database.exec(
        'DROP TABLE session; ALTER TABLE country DROP COLUMN name; ALTER TABLE skill ADD COLUMN level INTEGER',
      );
    });
    const missing = await switchDatabase(`sqlite:${from}`, `sqlite:${to}`, { ...all, synchronize: true });
    expect(missing.steps.find(({ status }) => status === 'failed')).toMatchObject({
      name: 'tables',
      detail: 'The target lacks session.',
    });
    behind(to, (database) => database.exec('CREATE TABLE session (token TEXT PRIMARY KEY, since TEXT NOT NULL)'));
    const report = await switchDatabase(`sqlite:${from}`, `sqlite:${to}`, all);
    expect(report.steps.filter(({ status }) => status === 'failed').map(({ detail }) => detail)).toEqual([
      'country of the target lacks name.',
      'session of the target asks for since, which the source lacks.',
    ]);
    behind(from, (database) => database.exec('DROP TABLE session'));
    expect(failed((await switchDatabase(`sqlite:${from}`, `sqlite:${to}`, all)).steps)).toContain('tables');
  });

  it('refuses rows that refer to others which are not there', async () => {
    const [from, to] = [await source(), await emptyTarget()];
    behind(from, (database) => {
      database.pragma('foreign_keys = OFF');
      database.exec('UPDATE employee SET bossId = 77 WHERE id = 2');
    });
    const report = await switchDatabase(`sqlite:${from}`, `sqlite:${to}`, all);
    expect(report.steps.find(({ status }) => status === 'failed')).toMatchObject({
      name: 'references',
      detail: 'Rows of the source refer to others that are not there: in employee.',
    });
  });

  it('says that nothing stands in the way, and changes nothing', async () => {
    const [from, to] = [await source(), await emptyTarget()];
    const bytes = [readFileSync(from), readFileSync(to)];
    expect(await switchDatabase(`sqlite:${from}`, `sqlite:${to}`, { ...all, dryRun: true })).toMatchObject({
      ok: true,
    });
    expect([readFileSync(from), readFileSync(to)]).toEqual(bytes);
  });
});

describe('a switch of tables that is broken off', () => {
  it('goes on behind the last whole block', async () => {
    const [from, to] = [await source(7000), await emptyTarget()];
    const breakOff: SwitchOptions['onProgress'] = ({ of, phase, done }) => {
      if (of === 'rows' && phase === 'copying' && done > 4000) throw new Error('enough');
    };
    await expect(switchDatabase(`sqlite:${from}`, `sqlite:${to}`, { ...all, onProgress: breakOff })).rejects.toThrow(
      'enough',
    );
    const rows = behind(to, (database) => database.prepare('SELECT count(*) FROM person').pluck().get());
    expect(rows).toBeGreaterThan(0);
    const report = await switchDatabase(`sqlite:${from}`, `sqlite:${to}`, all);
    expect(report.steps.find(({ name }) => name === 'rows')!.detail).toMatch(
      /^an earlier run was broken off behind [\d,]+ rows/,
    );
    expect(report.tables.find(({ table }) => table === 'person')).toMatchObject({
      rows: 7000,
      copied: 7000 - (rows as number),
    });
    expect(digestOf(to)).toBe(digestOf(from));
  });

  it('refuses to go on where somebody has written to the target meanwhile', async () => {
    const [from, to] = [await source(7000), await emptyTarget()];
    const breakOff: SwitchOptions['onProgress'] = ({ of }) => {
      if (of === 'rows') throw new Error('enough');
    };
    await expect(switchDatabase(`sqlite:${from}`, `sqlite:${to}`, { ...all, onProgress: breakOff })).rejects.toThrow(
      'enough',
    );
    behind(to, (database) => database.exec(`INSERT INTO session VALUES ('mine')`));
    expect(failed((await switchDatabase(`sqlite:${from}`, `sqlite:${to}`, all)).steps)).toEqual(['rows']);
  });

  it('finds a row that was altered in the target', async () => {
    const [from, to] = [await source(7000), await emptyTarget()];
    const breakOff: SwitchOptions['onProgress'] = ({ of, phase }) => {
      if (of === 'rows' && phase === 'comparing') throw new Error('enough');
    };
    await expect(switchDatabase(`sqlite:${from}`, `sqlite:${to}`, { ...all, onProgress: breakOff })).rejects.toThrow(
      'enough',
    );
    behind(to, (database) => database.exec(`UPDATE person SET note = 'mine' WHERE id = 6999`));
    await expect(switchDatabase(`sqlite:${from}`, `sqlite:${to}`, all)).rejects.toThrow(SwitchDiffersError);
  });
});

/** Values that TypeORM can have stored in such a column, by its name. */
const values = {
  note: fc.string({ unit: 'grapheme' }),
  data: fc.jsonValue(),
  tags: fc.array(
    fc.string().filter((text) => !text.includes(',') && text !== ''),
    { minLength: 1 },
  ),
  shouted: fc.string(),
  isActive: fc.boolean(),
  big: fc.maxSafeInteger(),
  price: fc.integer({ min: -(10 ** 9), max: 10 ** 9 }).map((number) => number / 10_000),
  size: fc.double({ noNaN: true, noDefaultInfinity: true }),
  at: fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
  born: fc
    .date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
    .map((day) => day.toISOString().slice(0, 10)),
};

it('TypeORM reads of any values the same in the target', { timeout: 60_000 }, async () => {
  const nullable = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, fc.option(value as fc.Arbitrary<unknown>)]),
  );
  const rows = fc.sample(fc.record<Record<string, unknown>>(nullable), { numRuns: 300, seed: 7 });
  const from = temporaryFile('source.sqlite');
  const { dataSource } = await audited(entities, { url: `sqlite:${from}` });
  for (let start = 0; start < rows.length; start += 50) {
    const some = rows.slice(start, start + 50).map((row) => ({ ...row, address: {} }));
    await dataSource.manager.insert(Person, some);
  }
  await dataSource.destroy();
  const to = temporaryFile('target.sqlite');
  expect(await switchDatabase(`sqlite:${from}`, `sqlite:${to}`, { ...all, synchronize: true })).toMatchObject({
    ok: true,
  });
  expect(await read(to)).toEqual(await read(from));
});
