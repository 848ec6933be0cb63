import type { DataSource, QueryRunner } from 'typeorm';
import type { BatchContext, ServerConnection, ServerRow, ServerStatement, ServerTransaction } from '../server-dialect';
import { batchWithContext, contextLengths } from './batch';
import { withOutputTable } from './output-table';
import { type Pool, PoolWatch } from './pool-watch';
import { sendAtOnce } from './send-at-once';

/** The parts of the package `mssql` that this library touches. */
interface Request {
  parameters: Record<string, unknown>;
  input(name: string, ...typeAndValue: unknown[]): Request;
  query(command: unknown, ...rest: unknown[]): Promise<{ recordsets: Recordset[] }>;
}
type Recordset = ServerRow[] & { columns: Record<string, { type: unknown }> };
type RequestClass = new (parent: unknown) => Request;
interface Package {
  Request: RequestClass;
  BigInt: unknown;
  NVarChar: (length: unknown) => unknown;
  MAX: unknown;
}

/** The fields of TypeORM's driver that this seam replaces or reads. */
interface DriverSeam {
  mssql: Package;
  /** Schema of tables that name none. */
  schema?: string;
  /** Undefined while it is not connected. */
  master?: Pool;
  obtainMasterConnection(): Promise<unknown>;
}

const driverOf = (dataSource: DataSource) => dataSource.driver as unknown as DriverSeam;

/** Requests that are ours, behind those that TypeORM makes. */
const plainRequests = new WeakMap<DataSource, RequestClass>();

export const defaultSchema = 'dbo';

export function schemaOf(dataSource: DataSource): string {
  return driverOf(dataSource).schema ?? defaultSchema;
}

/** TypeORM makes its requests of the class that its driver's package names; here that is one which knows the context. */
export function carryContext(dataSource: DataSource, current: () => BatchContext | undefined): void {
  const driver = driverOf(dataSource);
  const { mssql } = driver;
  plainRequests.set(dataSource, mssql.Request);

  class ContextRequest extends mssql.Request {
    override query(command: unknown, ...rest: unknown[]) {
      const context = typeof command === 'string' ? current() : undefined;
      if (!context) return super.query(command, ...rest);
      const own = Object.keys(this.parameters).length;
      const { sql, parameters } = batchWithContext(
        withOutputTable(dataSource, command as string),
        schemaOf(dataSource),
        context,
        own,
      );
      for (const [name, value] of Object.entries(parameters)) {
        this.input(name, textType(mssql, value, contextLengths[name]), value);
      }
      return super.query(sql, ...rest);
    }
  }
  driver.mssql = Object.create(mssql, { Request: { value: ContextRequest } }) as Package;
}

/** Longest of a text that is not of unlimited length. */
const mostOfText = 4000;

/** Any connection of the pool of a DataSource. */
export function poolOf(dataSource: DataSource): ServerConnection {
  const driver = driverOf(dataSource);
  const queryAll = async (statements: readonly ServerStatement[]): Promise<ServerRow[][]> => {
    const { mssql } = driver;
    const Request = plainRequests.get(dataSource) ?? mssql.Request;
    const request = new Request(await driver.obtainMasterConnection());
    statements
      .flatMap(({ parameters }) => parameters)
      .forEach((value, place) => {
        const type = typeof value === 'string' ? [textType(mssql, value, mostOfText)] : [];
        request.input(String(place), ...type, toParameter(value));
      });
    const sql = withPlaces(statements.map((statement) => statement.sql).join(';\n'));
    // Another level, of a transaction before, stays on a connection. This one holds for this batch alone.
    const { recordsets } = await request.query(`SET TRANSACTION ISOLATION LEVEL READ COMMITTED; ${sql}`);
    return recordsets.map((rows) => withNumbers(rows, mssql.BigInt));
  };
  return {
    queryAll,
    query: async (sql, parameters = []) => (await queryAll([{ sql, parameters }]))[0] ?? [],
  };
}

/**
 * Declared by the text's own length, which is what the driver does, each would have the server make another plan of the
 * statement.
 * @param longest of texts of limited length
 */
function textType({ NVarChar, MAX }: Package, value: string | null, longest?: number): unknown {
  return NVarChar(longest !== undefined && (value?.length ?? 0) <= longest ? longest : MAX);
}

const watches = new WeakMap<Pool, PoolWatch>();

/** Of the pool that a DataSource has now; from the first call on, its messages are not held back. */
export function watchPool(dataSource: DataSource): PoolWatch {
  const pool = driverOf(dataSource).master!;
  const known = watches.get(pool);
  if (known) return known;
  sendAtOnce(pool);
  const watch = new PoolWatch(pool);
  watches.set(pool, watch);
  return watch;
}

/** A connection of tedious, and a transaction of mssql, which gives its connection back when it ends. */
interface TransactionConnection {
  hasError?: boolean;
  commitTransaction: End;
  rollbackTransaction: End;
}
type End = (callback: (error?: Error | null) => void, ...rest: unknown[]) => void;
interface DriverTransaction {
  _acquiredConnection: TransactionConnection | null;
  rollback(): Promise<void>;
}

/** The transaction that a query runner has begun. */
export function transactionOf(queryRunner: QueryRunner): ServerTransaction {
  const transaction = (queryRunner as unknown as { databaseConnection?: DriverTransaction | null }).databaseConnection;
  const guardEnd = () => {
    const connection = transaction?._acquiredConnection;
    if (connection) for (const end of ['commitTransaction', 'rollbackTransaction'] as const) discardOn(connection, end);
  };
  return {
    get isOver() {
      return !transaction?._acquiredConnection;
    },
    async rollBack() {
      guardEnd();
      await transaction?.rollback();
    },
    guardEnd,
  };
}

/** The pool lends no connection that has an error. It gets this one back before anybody is told that the end has failed. */
function discardOn(connection: TransactionConnection, end: 'commitTransaction' | 'rollbackTransaction'): void {
  const { [end]: send } = Object.getPrototypeOf(connection) as TransactionConnection;
  connection[end] = (callback, ...rest) => {
    Reflect.deleteProperty(connection, end);
    send.call(
      connection,
      (error) => {
        if (error) connection.hasError = true;
        callback(error);
      },
      ...rest,
    );
  };
}

/** The connection of a query runner. */
export function connectionOf(dataSource: DataSource, queryRunner: QueryRunner): ServerConnection {
  return {
    async query(sql, parameters = []) {
      // The rows alone have no types of columns.
      const result = await queryRunner.query(withPlaces(sql), parameters.map(toParameter), true);
      const recordset = result.records as Recordset | undefined;
      return recordset?.columns ? withNumbers(recordset, driverOf(dataSource).mssql.BigInt) : [];
    },
  };
}

/** Both settings hold for one batch. */
export function givingWay(connection: ServerConnection): ServerConnection {
  return {
    query: (sql, parameters) =>
      connection.query(`SET DEADLOCK_PRIORITY LOW; SET LOCK_TIMEOUT 1000; ${sql}`, parameters),
  };
}

const quotedOrPlace = /'(?:[^']|'')*'|\[(?:[^\]]|\]\])*\]|\?/g;

/** Question marks that are neither in a text nor in a name stand for parameters. */
export function withPlaces(sql: string): string {
  let place = 0;
  return sql.replace(quotedOrPlace, (found) => (found === '?' ? `@${place++}` : found));
}

function toParameter(value: unknown): unknown {
  return value === Infinity ? Number.MAX_SAFE_INTEGER : value;
}

/** The driver gives whole numbers of 64 bits as text; those of the log are all small enough. */
function withNumbers(rows: Recordset, bigint: unknown): ServerRow[] {
  const names = Object.entries(rows.columns).flatMap(([name, { type }]) => (type === bigint ? [name] : []));
  return rows.map((row) => {
    const converted = { ...row };
    for (const name of names) if (typeof row[name] === 'string') converted[name] = Number(row[name]);
    return converted;
  });
}
