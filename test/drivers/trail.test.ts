import { EntitySchema } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { AuditTrail, auditContext } from '../../src/index';
import { audited, stock, temporaryFile } from '../support/databases';
import { Note } from '../support/note';
import { openSqlite, storedRows } from '../support/sqlite';

interface Thing {
  id: number;
  whole: string;
  real: number;
  any: unknown;
}

const Thing = new EntitySchema<Thing>({
  name: 'Thing',
  columns: {
    id: { type: 'integer', primary: true },
    whole: { type: 'bigint' },
    real: { type: 'double' },
    any: { type: 'blob', nullable: true },
  },
});

const contents = [
  `1, 9223372036854775807, 5.0, 9007199254740993`,
  `2, -9223372036854775808, 0.1, 5.0`,
  `3, 2147483648, 1e300, 5`,
  `4, 0, -0.0, '5'`,
  `5, 1, 2.0, x'00ff'`,
  `6, 1, 2.0, NULL`,
];
const insert = contents.map((values) => `INSERT INTO thing (id, whole, real, any) VALUES (${values})`);

function rowsOf(file: string): unknown {
  const database = openSqlite(file, { readonly: true });
  try {
    return storedRows(database, 'thing');
  } finally {
    database.close();
  }
}

describe('a trail', () => {
  it('puts rows back as they were stored', async () => {
    const file = temporaryFile();
    const { dataSource, trail } = await audited([Thing], { url: `sqlite:${file}` });
    for (const sql of insert) await dataSource.query(sql);
    const before = rowsOf(file);
    expect(before).toHaveLength(contents.length);
    const { entries } = await trail.recent({ fresh: true });
    const at = { before: entries[0]!.id + 1 };
    await dataSource.query(`UPDATE thing SET whole = 7, real = 7.5, any = 'changed' WHERE id < 5`);
    await dataSource.query('DELETE FROM thing WHERE id >= 5');
    await trail.flush();
    for (const id of [1, 2, 3, 4, 5, 6]) {
      const { operation } = await trail.revert(Thing, id, { beforeEntry: at.before });
      expect(operation).toBe(id < 5 ? 'update' : 'insert');
    }
    expect(rowsOf(file)).toEqual(before);
    expect(await trail.doctor()).toMatchObject({ differences: [] });
  });

  it('begins on existing rows, and finds what changed behind its back', async () => {
    const file = temporaryFile();
    const plain = await stock([Thing], file);
    for (const sql of insert) await plain.query(sql);
    await plain.destroy();
    const { trail } = await audited([Thing], { url: `sqlite:${file}` });
    expect(await trail.baseline()).toMatchObject({ rows: 6 });
    expect(await trail.doctor()).toMatchObject({ rows: 6, differences: [] });
    const other = openSqlite(file);
    other.exec('UPDATE thing SET whole = whole - 1 WHERE id = 1; DELETE FROM thing WHERE id = 6');
    other.close();
    const { differences } = await trail.doctor();
    expect(differences.map(({ kind, entityId }) => [kind, entityId])).toEqual([
      ['changed', '1'],
      ['missing', '6'],
    ]);
  });

  it('refuses what lacks a reason with the same words over every driver', async () => {
    const { dataSource } = await audited([Note], { requireReason: ['Note'] });
    const write = dataSource.query(`INSERT INTO note (text) VALUES ('why?')`);
    await expect(write).rejects.toMatchObject({
      code: 'AUDIT_REASON_REQUIRED',
      message: 'A change of Note needs a reason.',
    });
  });

  it('gives results and errors as TypeORM does without it', async () => {
    const plain = await stock([Note]);
    const { dataSource } = await audited([Note]);
    const outcome = async (of: typeof plain, sql: string, parameters?: unknown[]): Promise<unknown> => {
      const runner = of.createQueryRunner();
      try {
        return { ...(await runner.query(sql, parameters, true)) };
      } catch (error) {
        // TypeORM 0.3 hands an error of better-sqlite3 on as it is where a statement can't be compiled.
        const { driverError = error } = error as { driverError?: unknown };
        const { message, code, errno } = driverError as Error & { code?: unknown; errno?: unknown };
        return { message, code, errno };
      } finally {
        if (of === dataSource) await runner.release();
      }
    };
    const statements: [string, unknown[]?][] = [
      [`INSERT INTO note (text) VALUES ('a'), ('b')`],
      [`insert into note (text) values ('c')`],
      [`INSERT INTO note (text) VALUES (?) RETURNING id, text`, ['d']],
      [`UPDATE note SET text = text || '!'`],
      [`update note set text = upper(text) where id > ?`, [2]],
      [`WITH gone AS (SELECT 2 AS id) DELETE FROM note WHERE id IN (SELECT id FROM gone)`],
      [`DELETE FROM note WHERE id = ?`, [3]],
      [`REPLACE INTO note (id, text) VALUES (1, 'replaced')`],
      [`SELECT id, text, 1.5 AS real, NULL AS nothing, x'01' AS bytes FROM note ORDER BY id`],
      [`SELECT typeof(?) AS a, typeof(?) AS b, typeof(?) AS c, typeof(?) AS d`, [1, 1.5, 3e9, 'text']],
      [`SELECT typeof(?) AS a, typeof(?) AS b`, [null, Buffer.from('b')]],
      [`INSERT INTO note (id, text) VALUES (1, 'twice')`],
      [`INSERT INTO note (text) VALUES (NULL)`],
      [`SELECT * FROM nowhere`],
      [`SELEC`],
      [`PRAGMA user_version`],
      [`EXPLAIN QUERY PLAN SELECT 1`],
    ];
    for (const [sql, parameters] of statements) {
      expect(await outcome(dataSource, sql, parameters), sql).toEqual(await outcome(plain, sql, parameters));
    }
  });

  it('is closed twice, and opened again', async () => {
    const file = temporaryFile();
    const { dataSource } = await audited([Note], { url: `sqlite:${file}` });
    await auditContext.run({ actor: 'ann' }, () => dataSource.getRepository(Note).save({ text: 'one' }));
    await dataSource.destroy();
    const again = await AuditTrail.attach(dataSource);
    await dataSource.getRepository(Note).save({ text: 'two' });
    expect((await again.recent({ fresh: true })).entries).toMatchObject([{ actor: null }, { actor: 'ann' }]);
    await dataSource.destroy();
  });
});
