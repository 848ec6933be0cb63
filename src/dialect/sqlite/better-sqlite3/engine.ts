import type { Database, Statement } from 'better-sqlite3';
import type { ClassifiedStatement, Engine, StatementResult } from '../../engine';
import { BoundNumber } from '../bound-numbers';
import { classified } from '../classified';
import { converted, isBusy } from '../driver-errors';

interface Prepared {
  statement: Statement;
  returnsRows: boolean;
}

interface Cached extends ClassifiedStatement {
  prepared: Prepared | undefined;
}

const cacheSize = 256;

/** The one writing connection as plain calls: a statement cache, the transaction state, what an error means. */
export class SqliteEngine implements Engine {
  private readonly cache = new Map<string, Cached>();
  /** A statement is looked up several times in a row; comparing the same text is cheap, hashing a new one is not. */
  private lastSql = '';
  private last: Cached | undefined;
  // Statements with a mode of their own, which the cached ones of the application must not have. Few: the library's own.
  private readonly storedStatements = new Map<string, Statement>();
  private readonly scalars = new Map<string, Statement>();

  constructor(private readonly database: Database) {}

  get isOpen(): boolean {
    return this.database.open;
  }

  get inTransaction(): boolean {
    return this.database.inTransaction;
  }

  get isInMemory(): boolean {
    return this.database.memory;
  }

  classify(sql: string): ClassifiedStatement {
    return this.lookUp(sql);
  }

  execute(sql: string, parameters: readonly unknown[] = []): StatementResult {
    const { statement, returnsRows } = this.prepare(sql);
    const values = parameters.some(isWrapped) ? parameters.map(toBinding) : parameters;
    try {
      if (returnsRows) return { rows: statement.all(...values), changes: 0, lastInsertId: 0 };
      const info = statement.run(...values);
      return { rows: undefined, changes: info.changes, lastInsertId: info.lastInsertRowid };
    } catch (error) {
      throw converted(error);
    }
  }

  run(sql: string, parameters?: readonly unknown[]): StatementResult {
    return this.execute(sql, parameters);
  }

  executeEach(sql: string, rows: readonly (readonly unknown[])[]): number {
    const { statement } = this.prepare(sql);
    let lastId = 0;
    try {
      for (const row of rows) lastId = Number(statement.run(...row).lastInsertRowid);
    } catch (error) {
      throw converted(error);
    }
    return lastId;
  }

  selectStored(sql: string, parameters: readonly unknown[], goOn: (row: unknown[]) => boolean): unknown[][] {
    let statement = this.storedStatements.get(sql);
    if (!statement) this.storedStatements.set(sql, (statement = this.database.prepare(sql).safeIntegers().raw()));
    const rows: unknown[][] = [];
    for (const row of statement.iterate(...parameters) as Iterable<unknown[]>) {
      rows.push(row);
      if (!goOn(row)) break;
    }
    return rows;
  }

  scalar(sql: string, parameters: readonly unknown[] = []): unknown {
    let statement = this.scalars.get(sql);
    if (!statement) this.scalars.set(sql, (statement = this.database.prepare(sql).pluck()));
    return statement.get(...parameters);
  }

  pragma(text: string): unknown {
    return this.database.pragma(text, { simple: true });
  }

  isBusy(error: unknown): boolean {
    return isBusy(error);
  }

  private prepare(sql: string): Prepared {
    const cached = this.lookUp(sql);
    if (!cached.prepared) {
      const statement = this.database.prepare(sql);
      cached.prepared = { statement, returnsRows: statement.reader };
    }
    return cached.prepared;
  }

  private lookUp(sql: string): Cached {
    if (this.last && sql === this.lastSql) return this.last;
    this.last = this.find(sql);
    this.lastSql = sql;
    return this.last;
  }

  private find(sql: string): Cached {
    const known = this.cache.get(sql);
    if (known) return known;
    const cached: Cached = { ...classified(sql), prepared: undefined };
    this.cache.set(sql, cached);
    if (this.cache.size > cacheSize) this.cache.delete(this.cache.keys().next().value as string);
    return cached;
  }
}

function isWrapped(value: unknown): boolean {
  return value instanceof BoundNumber;
}

function toBinding(value: unknown): unknown {
  return value instanceof BoundNumber ? value.toBinding() : value;
}
