import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import { sqlitePackage } from '../../test/support/sqlite';

/** A connection below TypeORM, of either package: for what is no part of a measurement. */
export interface Handle {
  exec(sql: string): Promise<void>;
  all(sql: string): Promise<Record<string, unknown>[]>;
}

/** A statement, prepared; a package whose statements run at once returns nothing to wait for. */
export type Run = (values: readonly unknown[]) => Promise<void> | void;

export interface OpenFile extends Handle {
  prepare(sql: string): Run;
}

type Done<T = unknown> = (error: Error | null, result: T) => void;

/** What is used of the package sqlite3. */
interface CallingBack {
  exec(sql: string, done: Done): void;
  all(sql: string, done: Done<Record<string, unknown>[]>): void;
  prepare(sql: string): { run(values: readonly unknown[], done: Done): void };
}

export function handleOf(dataSource: DataSource): Handle {
  const { databaseConnection } = dataSource.driver as unknown as { databaseConnection: unknown };
  return sqlitePackage === 'sqlite3'
    ? waiting(databaseConnection as CallingBack)
    : atOnce(databaseConnection as BetterSqlite3.Database);
}

export function openFile(file: string): OpenFile {
  const loaded: unknown = createRequire(__filename)(sqlitePackage);
  if (sqlitePackage !== 'sqlite3') return atOnce(new (loaded as typeof BetterSqlite3)(file));
  return waiting(new (loaded as { Database: new (file: string) => CallingBack }).Database(file));
}

/** First column of the first row. */
export async function first(handle: Handle, sql: string): Promise<unknown> {
  return Object.values((await handle.all(sql))[0] ?? {})[0];
}

function atOnce(database: BetterSqlite3.Database): OpenFile {
  return {
    exec: async (sql) => void database.exec(sql),
    all: async (sql) => database.prepare(sql).all() as Record<string, unknown>[],
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return (values) => void statement.run(...values);
    },
  };
}

function waiting(database: CallingBack): OpenFile {
  return {
    exec: async (sql) => void (await called((done) => database.exec(sql, done))),
    all: (sql) => called((done) => database.all(sql, done)),
    prepare: (sql) => {
      const statement = database.prepare(sql);
      return async (values) => void (await called((done) => statement.run(values, done)));
    },
  };
}

function called<T>(call: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => call((error, result) => (error ? reject(error) : resolve(result))));
}
