import { DataSource } from 'typeorm';
import { sqliteType } from '../support/sqlite';
import type { Model } from '../conformance/write-path';

/** A DataSource as an application makes it, not initialised, on a database of its own. */
export function stockDataSource(entities: Model['entities']): DataSource {
  return new DataSource({ type: sqliteType, database: ':memory:', entities, synchronize: true });
}
