import type { DataSource, QueryRunner } from 'typeorm';
import type { BulkColumn, BulkInsert, StagedInsert } from '../server-import';
import { quoteName } from './quote';
import { stagingTable } from './table-sql';

/** The parts of the package `mssql` that a bulk load takes. */
interface Package {
  Request: new (parent: unknown) => {
    bulk(table: unknown, options: object): Promise<unknown>;
    batch(sql: string): Promise<unknown>;
  };
  Table: new (name: string) => BulkTableSeam;
  BigInt: unknown;
  Int: unknown;
  NVarChar(length: unknown): unknown;
  VarBinary(length: unknown): unknown;
  MAX: unknown;
}

interface BulkTableSeam {
  /** What the load names. */
  path: string;
  create: boolean;
  columns: { add(name: string, type: unknown, options: { nullable: boolean }): void };
  rows: { add(...values: unknown[]): void };
}

/** Bulk load of the driver: triggers fire only where they are asked to, and numbers that are given are kept. */
export function bulkInsertOf(dataSource: DataSource): BulkInsert {
  const mssql = packageOf(dataSource);
  return async (queryRunner, { schema, name }, columns, rows) => {
    const table = tableOf(mssql, name, columns, rows);
    table.path = `${quoteName(schema)}.${quoteName(name)}`;
    await new mssql.Request(connectionOf(queryRunner)).bulk(table, { checkConstraints: true, keepNulls: false });
  };
}

/**
 * The driver's bulk load knows few types exactly. So rows go into a temporary table of texts and bytes, and batches take
 * them over from there: as batches of their own, because a setting such as IDENTITY_INSERT ends with a procedure.
 */
export function stagedInsertOf(dataSource: DataSource): StagedInsert {
  const mssql = packageOf(dataSource);
  return async (queryRunner, columns, rows, batches) => {
    const table = tableOf(mssql, stagingTable, columns, rows);
    table.create = true;
    const connection = connectionOf(queryRunner);
    await new mssql.Request(connection).bulk(table, { keepNulls: true });
    for (const batch of batches) await new mssql.Request(connection).batch(batch);
  };
}

function packageOf(dataSource: DataSource): Package {
  return (dataSource.driver as unknown as { mssql: Package }).mssql;
}

/** TypeORM keeps the transaction of a query runner here. */
function connectionOf(queryRunner: QueryRunner): unknown {
  return (queryRunner as unknown as { databaseConnection: unknown }).databaseConnection;
}

function tableOf(
  mssql: Package,
  name: string,
  columns: readonly BulkColumn[],
  rows: readonly (readonly unknown[])[],
): BulkTableSeam {
  const typeOf = ({ type, length }: BulkColumn): unknown => {
    if (type === 'text') return mssql.NVarChar(length ?? mssql.MAX);
    if (type === 'binary') return mssql.VarBinary(mssql.MAX);
    return type === 'bigint' ? mssql.BigInt : mssql.Int;
  };
  const table = new mssql.Table(name);
  table.create = false;
  for (const column of columns) table.columns.add(column.name, typeOf(column), { nullable: true });
  for (const row of rows) table.rows.add(...row);
  return table;
}
