import { Check, Column, DataSource, Entity, ForeignKey, PrimaryGeneratedColumn } from 'typeorm';
import { describe, expect, test } from 'vitest';
import { checkConformance, conformanceCases, type ConformanceOptions } from '../../src/testing/testing';
import { temporaryFile } from '../support/databases';
import { stockDataSource } from './stock-data-source';

@Entity()
@Check('price_is_high', '"price" > 1000000')
class Yacht {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'integer' })
  price!: number;
}

@Entity()
class Hen {
  @PrimaryGeneratedColumn()
  id!: number;

  @ForeignKey(() => Egg)
  @Column({ type: 'integer' })
  eggId!: number;
}

@Entity()
class Egg {
  @PrimaryGeneratedColumn()
  id!: number;

  @ForeignKey(() => Hen)
  @Column({ type: 'integer' })
  henId!: number;
}

@Entity()
class Riddle {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({
    type: 'varchar',
    transformer: {
      to: (value: { answer: 42 }) => (value.answer === 42 ? 'right' : null),
      from: () => ({ answer: 42 }),
    },
  })
  answer!: { answer: 42 };
}

/** What the only case of an entity without a row says. */
async function obstacle(entities: (new () => object)[], options?: ConformanceOptions): Promise<string> {
  const [first] = await conformanceCases(() => stockDataSource(entities), options);
  expect(first?.path).toBe('a row can be saved');
  return first!.run().then(
    () => 'nothing',
    (error: Error) => error.message,
  );
}

describe('a row that can not be guessed', () => {
  test('because of a CHECK: names the entity, the column, the rule and the option', async () => {
    const message = await obstacle([Yacht]);
    expect(message).toContain('generated row of Yacht because of column price');
    expect(message).toContain('CHECK "price" > 1000000');
    expect(message).toContain('{ samples: { "Yacht": ({ serial }) => ({ "price": … }) } }');
  });

  test('in a circle of keys that may not be empty: names the way round', async () => {
    expect(await obstacle([Hen, Egg])).toMatch(/No row of Egg can be the first: .*Hen → Egg → Hen.*samples: \{ "Egg"/);
  });

  test('behind a transformer: names the column', async () => {
    expect(await obstacle([Riddle])).toMatch(/No value can be made for Riddle\.answer: .*transformer/);
  });

  test('is taken from the sample', { timeout: 60_000 }, async () => {
    const samples = {
      Yacht: ({ serial }: { serial: number }) => ({ price: 2_000_000 + serial }),
      Riddle: () => ({ answer: { answer: 42 } }),
    };
    const report = await checkConformance(() => stockDataSource([Yacht, Riddle]), { samples });
    expect(report.results.flatMap(({ problems }) => problems)).toEqual([]);
    // The one value that a riddle has can't be changed.
    const updates = report.results.filter(({ entity, path }) => entity === 'Riddle' && path.startsWith('update'));
    expect(updates.map(({ verdict }) => verdict)).toEqual(['does not apply', 'does not apply']);
  });

  test('a sample with a property that is not there is refused', async () => {
    expect(await obstacle([Yacht], { samples: { Yacht: () => ({ prize: 1 }) } })).toContain(
      'The sample of Yacht has a property "prize"',
    );
  });
});

describe('a set-up that can not be judged is refused', () => {
  test('a database with rows, unless they may go', { timeout: 60_000 }, async () => {
    const file = temporaryFile();
    const open = (): DataSource =>
      new DataSource({ type: 'better-sqlite3', database: file, entities: [Riddle, Yacht], synchronize: true });
    const dataSource = await open().initialize();
    await dataSource.manager.insert(Yacht, { price: 3_000_000 });
    await dataSource.destroy();
    await expect(conformanceCases(open)).rejects.toThrow(/holds rows: yacht \(1\)\. .*allowExistingRows: true/);

    const cases = await conformanceCases(open, {
      samples: { Yacht: ({ serial }) => ({ price: 4_000_000 + serial }) },
      skip: { Riddle: 'not now' },
      allowExistingRows: true,
    });
    for (const { run } of cases) await run();
  });

  test('a database without the tables', async () => {
    const bare = (): DataSource => new DataSource({ type: 'better-sqlite3', database: ':memory:', entities: [Yacht] });
    await expect(conformanceCases(bare)).rejects.toThrow(/has no table yacht\. .*synchronize: true/);
  });

  test('options that name what is not there', async () => {
    const factory = (): DataSource => stockDataSource([Yacht]);
    await expect(conformanceCases(factory, { samples: { Boat: () => ({}) } })).rejects.toThrow(
      'The option samples names "Boat", which is not there. There are: Yacht.',
    );
    const samples = { Yacht: () => ({ price: 2_000_000 }) };
    await expect(conformanceCases(factory, { samples, skip: { 'Yacht: sail': 'x' } })).rejects.toThrow(
      /The option skip names "Yacht: sail".*Yacht: save: insert/,
    );
  });

  test('something that is no DataSource', async () => {
    await expect(conformanceCases(() => undefined as never)).rejects.toThrow('must give a DataSource');
  });
});
