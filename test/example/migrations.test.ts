import { DataSource } from 'typeorm';
import { expect, it, onTestFinished } from 'vitest';
import { SystemCalculation } from '../../examples/calculations/entities/system-calculation';
import { UserCalculation } from '../../examples/calculations/entities/user-calculation';
import { calculate } from '../../examples/calculations/calculate';
import { CreateCalculations1763000000000 } from '../../examples/calculations/migrations/1763000000000-create-calculations';
import { SeedSystemCalculations1763000000001 } from '../../examples/calculations/migrations/1763000000001-seed-system-calculations';
import { sqliteType } from '../support/sqlite';

/** A stock DataSource: what the migrations do has nothing to do with the trail. */
async function migratedDataSource(): Promise<DataSource> {
  const dataSource = new DataSource({
    type: sqliteType,
    database: ':memory:',
    entities: [UserCalculation, SystemCalculation],
    migrations: [CreateCalculations1763000000000, SeedSystemCalculations1763000000001],
  });
  await dataSource.initialize();
  onTestFinished(() => dataSource.destroy());
  await dataSource.runMigrations();
  return dataSource;
}

it('the migrations make the tables that the entities describe', async () => {
  const dataSource = await migratedDataSource();
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  expect(upQueries.map(({ query }) => query)).toEqual([]);
});

it('the seeded results are what their formulas give', async () => {
  const dataSource = await migratedDataSource();
  const seeded = await dataSource.getRepository(SystemCalculation).find({ order: { id: 'ASC' } });
  expect(seeded.map(({ name }) => name)).toEqual(['vat_rate', 'hours_per_month', 'monthly_interest']);
  for (const calculation of seeded) {
    expect(calculate(calculation)).toEqual({ status: 'done', result: calculation.result, error: null });
  }
});

it('the migrations can be reverted', async () => {
  const dataSource = await migratedDataSource();
  await dataSource.undoLastMigration();
  expect(await dataSource.getRepository(SystemCalculation).count()).toBe(0);
  await dataSource.undoLastMigration();
  expect(await dataSource.createQueryRunner().getTables(['system_calculation', 'user_calculation'])).toEqual([]);
});
