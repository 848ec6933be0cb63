import { expect, it, onTestFinished } from 'vitest';
import { AuditTrail } from 'typeorm-audit-trail';
import { createWarehouseDataSource } from '../../examples/calculations/warehouse/data-source';
import { ExampleApp, type EntryJson } from './example-app';

async function withWarehouse(): Promise<ExampleApp> {
  const dataSource = createWarehouseDataSource('sqlite::memory:');
  const warehouse = await AuditTrail.attach(dataSource);
  onTestFinished(() => dataSource.destroy());
  await dataSource.runMigrations();
  return ExampleApp.start(warehouse);
}

it('the migration of the warehouse makes the table that its entity describes', async () => {
  const dataSource = createWarehouseDataSource('sqlite::memory:');
  await dataSource.initialize();
  onTestFinished(() => dataSource.destroy());
  await dataSource.runMigrations();
  const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
  expect(upQueries.map(({ query }) => query)).toEqual([]);
});

it('each of two databases has a trail of its own, with the context of the request', async () => {
  const example = await withWarehouse();
  const headers = { 'x-reason': 'quarterly report', 'x-correlation-id': 'report-1' };
  const body = { name: 'area', formula: 'width * height', inputs: { width: 3, height: 4 } };
  const { id } = await example.do('analyst', 'POST /api/calculations', { body, headers });
  const published = await example.do('analyst', 'POST /api/warehouse/results', {
    body: { calculation_id: id },
    headers,
  });
  expect(published).toMatchObject({ calculation_id: id, name: 'area', result: 12 });
  expect(await example.do('analyst', 'GET /api/warehouse/results')).toMatchObject({ results: [published] });
  for (const [prefix, entity] of [
    ['/api/calculations/audit', 'UserCalculation'],
    ['/api/warehouse/audit', 'PublishedResult'],
  ] as const) {
    const page = await example.do<{ entries: EntryJson[] }>(
      'reviewer',
      `GET ${prefix}/recent?fresh=true&correlation_id=report-1`,
    );
    expect(page.entries).toMatchObject([{ entity, operation: 'insert', actor: 'analyst', reason: 'quarterly report' }]);
  }
});

it('publishes no calculation without a result, and nothing where there is no warehouse', async () => {
  const example = await withWarehouse();
  const { id } = await example.do('analyst', 'POST /api/calculations', {
    body: { name: 'none', formula: '1 / zero', inputs: { zero: 0 } },
  });
  const request = { body: { calculation_id: id } };
  expect(await example.refused('analyst', 'POST /api/warehouse/results', request)).toMatchObject({ code: 'NO_RESULT' });
  const without = await ExampleApp.start();
  expect((await without.refused('analyst', 'GET /api/warehouse/results')).status).toBe(404);
});
