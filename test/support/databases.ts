import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource, type EntitySchema, type MixedList } from 'typeorm';
import { afterEach } from 'vitest';
import { AuditTrail, createDataSource, type AuditTrailOptions } from '../../src/index';
import { sqliteType } from './sqlite';

// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- TypeORM's own type of an entity
type Entities = MixedList<Function | string | EntitySchema>;

const cleanUps: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** Runs after the test, last registered first. */
export function afterTest(cleanUp: () => Promise<void> | void): void {
  cleanUps.push(cleanUp);
}

/** Path of a database file in a directory that goes with the test. */
export function temporaryFile(name = 'test.sqlite'): string {
  const directory = mkdtempSync(join(tmpdir(), 'audit-trail-'));
  afterTest(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, name);
}

export interface Audited {
  dataSource: DataSource;
  trail: AuditTrail;
}

/** A synchronised database under audit, without a background drain unless the options ask for one. */
export async function audited(
  entities: Entities,
  { url = 'sqlite::memory:', ...options }: AuditTrailOptions & { url?: string } = {},
): Promise<Audited> {
  const dataSource = createDataSource(url, { entities, synchronize: true, audit: { drain: false, ...options } });
  const trail = await AuditTrail.attach(dataSource);
  afterTest(async () => {
    if (dataSource.isInitialized) await dataSource.destroy();
  });
  return { dataSource, trail };
}

/** The same database as TypeORM makes it, without this library. */
export async function stock(entities: Entities, database = ':memory:'): Promise<DataSource> {
  const dataSource = new DataSource({ type: sqliteType, database, entities, synchronize: true });
  await dataSource.initialize();
  afterTest(async () => {
    if (dataSource.isInitialized) await dataSource.destroy();
  });
  return dataSource;
}
