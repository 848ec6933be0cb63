import { DataSource } from 'typeorm';
import type { Model } from '../conformance/write-path';

/** A DataSource as an application makes it, not initialised, on a database of its own. */
export function stockDataSource(entities: Model['entities']): DataSource {
  return new DataSource({ type: 'better-sqlite3', database: ':memory:', entities, synchronize: true });
}
