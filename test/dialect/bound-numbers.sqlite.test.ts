import fc from 'fast-check';
import { Between, type DataSource, EntitySchema, In, LessThan, Not } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { audited, stock } from '../support/databases';

interface Reading {
  id: number;
  whole: number;
  text: string;
  real: number;
  any: unknown;
}

const Reading = new EntitySchema<Reading>({
  name: 'Reading',
  columns: {
    id: { type: 'integer', primary: true },
    whole: { type: 'integer' },
    text: { type: 'text' },
    real: { type: 'double' },
    any: { type: 'blob' },
  },
});

const large = Number.MAX_SAFE_INTEGER;

async function fill(dataSource: DataSource): Promise<void> {
  await dataSource.query(`INSERT INTO reading (id, whole, text, real, any) VALUES
    (1, 5, '5', 5.0, 5), (2, -7, '-7', -7.5, '5'), (${large}, 0, '0', -0.0, 5.0), (4, ${large}, '${large}', ${large}, x'35')`);
}

/** Ids found by conditions in which TypeORM writes an integer, or takes one from the caller. */
async function answers(dataSource: DataSource): Promise<unknown> {
  const readings = dataSource.getRepository(Reading);
  const ids = async (where: object) => (await readings.find({ where, order: { id: 'ASC' } })).map(({ id }) => id);
  const build = () => readings.createQueryBuilder('r').select('r.id', 'id');
  return {
    byKey: (await readings.findOneBy({ id: large }))?.text,
    equal: await Promise.all(['whole', 'text', 'real', 'any'].map((column) => ids({ [column]: 5 }))),
    fraction: await Promise.all(['whole', 'text', 'real', 'any'].map((column) => ids({ [column]: -7.5 }))),
    zero: await Promise.all([0, -0].map((real) => ids({ real }))),
    in: await ids({ id: In([1, large]), whole: Not(7) }),
    between: await ids({ whole: Between(-7, 5), real: LessThan(1) }),
    counted: await readings.countBy({ whole: large }),
    named: await build().where('r.whole = :whole', { whole: 5 }).getRawMany(),
    ordinal: await build().addSelect('r.whole', 'whole').orderBy(':column').setParameters({ column: 2 }).getRawMany(),
    selected: await build().addSelect('typeof(:value)', 'type').setParameters({ value: 3 }).getRawMany(),
  };
}

describe('numbers as parameters', () => {
  it('give the answers that TypeORM gives', async () => {
    const plain = await stock([Reading]);
    await fill(plain);
    const { dataSource } = await audited([Reading]);
    await fill(dataSource);
    expect(await answers(dataSource)).toEqual(await answers(plain));
  });

  it('leave one statement for every key', async () => {
    const { dataSource } = await audited([Reading]);
    await fill(dataSource);
    const seen = new Set<string>();
    const { logger } = dataSource;
    dataSource.logger = { ...logger, logQuery: (sql: string) => void seen.add(sql) };
    for (const id of [1, 2, 4]) await dataSource.getRepository(Reading).findOneBy({ id });
    for (const id of [1, 2, 4]) await dataSource.getRepository(Reading).update({ id }, { whole: id, real: id / 7 });
    expect(seen.size).toBe(2);
  });

  it('are stored as TypeORM stores them, whatever the column makes of them', async () => {
    const plain = await stock([Reading]);
    const { dataSource } = await audited([Reading]);
    const columns = ['whole', 'text', 'real', 'any'];
    const stored = columns.map((column) => `typeof("${column}"), quote("${column}")`).join(', ');
    const write = async (target: DataSource, value: number, id: number) => {
      await target.getRepository(Reading).insert({ id, whole: value, text: value as never, real: value, any: value });
      return (await target.query(`SELECT ${stored} FROM reading WHERE id = ${id}`)) as unknown;
    };
    let id = 0;
    await fc.assert(
      fc.asyncProperty(fc.double({ noDefaultInfinity: true, noNaN: true }), async (value) => {
        id += 1;
        expect(await write(dataSource, value, id)).toEqual(await write(plain, value, id));
      }),
      { numRuns: 300 },
    );
  });

  it('leave TypeORM to refuse what is no number of SQL', async () => {
    for (const dataSource of [await stock([Reading]), (await audited([Reading])).dataSource]) {
      const change = dataSource.getRepository(Reading).update({ id: 1 }, { real: Infinity });
      await expect(change).rejects.toThrow('no such column: Infinity');
    }
  });
});
