import type { DataSource } from 'typeorm';
import { isServer, ServerWitness } from './mssql/witness';
import type { Witness } from './oracle/witness';
import { SqliteWitness } from './sqlite/witness';

/** Watches those tables of `wanted` that are there. */
export function witnessOf(dataSource: DataSource, wanted: readonly string[]): Promise<Witness> {
  return isServer(dataSource) ? ServerWitness.create(dataSource, wanted) : SqliteWitness.create(dataSource, wanted);
}
