import type { DataSource } from 'typeorm';
import type { BulkColumn, BulkInsert } from '../server-import';

/** The parts of the package `mssql` that a bulk load takes. */
interface Package {
  Request: new (parent: unknown) => { bulk(table: unknown, options: object): Promise<unknown> };
  Table: new (name: string) => BulkTableSeam;
  BigInt: unknown;
  Int: unknown;
  NVarChar(length: unknown): unknown;
  MAX: unknown;
}

interface BulkTableSeam {
  name: string;
  schema: string;
  create: boolean;
  columns: { add(name: string, type: unknown, options: { nullable: boolean }): void };
  rows: { add(...values: unknown[]): void };
}

/** Bulk load of the driver: triggers fire only where they are asked to, and numbers that are given are kept. */
export function bulkInsertOf(dataSource: DataSource): BulkInsert {
  const { mssql } = dataSource.driver as unknown as { mssql: Package };
  const typeOf = ({ type, length }: BulkColumn): unknown => {
    if (type === 'text') return mssql.NVarChar(length ?? mssql.MAX);
    return type === 'bigint' ? mssql.BigInt : mssql.Int;
  };
  return async (queryRunner, { schema, name }, columns, rows) => {
    const table = new mssql.Table(name);
    table.schema = schema;
    table.create = false;
    for (const column of columns) table.columns.add(column.name, typeOf(column), { nullable: true });
    for (const row of rows) table.rows.add(...row);
    // TypeORM keeps the transaction of a query runner here.
    const { databaseConnection } = queryRunner as unknown as { databaseConnection: unknown };
    await new mssql.Request(databaseConnection).bulk(table, { checkConstraints: true, keepNulls: false });
  };
}
