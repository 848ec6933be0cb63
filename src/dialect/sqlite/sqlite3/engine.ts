import type { ClassifiedStatement, Engine, StatementResult } from '../../engine';
import { classified } from '../classified';
import { converted, isBusy } from '../driver-errors';
import { mainFile } from '../file-driver';
import type { ConnectionThread } from './connection-thread';
import { exactly, received, sendable } from './values';
import type { Ran } from './wire';

const cacheSize = 256;
/** Rows that are read at once, without knowing how large they are. */
const firstRows = 128;

/** The one writing connection of the package sqlite3, in its thread, as plain calls. */
export class Sqlite3Engine implements Engine {
  private readonly classes = new Map<string, ClassifiedStatement>();
  private inMemory: boolean | undefined;

  constructor(private readonly thread: ConnectionThread) {}

  get isOpen(): boolean {
    return this.thread.isOpen;
  }

  get inTransaction(): boolean {
    return this.thread.inTransaction;
  }

  get isInMemory(): boolean {
    return (this.inMemory ??= this.scalar(mainFile) === '');
  }

  classify(sql: string): ClassifiedStatement {
    const known = this.classes.get(sql);
    if (known) return known;
    const made = classified(sql);
    this.classes.set(sql, made);
    if (this.classes.size > cacheSize) this.classes.delete(this.classes.keys().next().value as string);
    return made;
  }

  execute(sql: string, parameters: readonly unknown[] = []): StatementResult {
    const { kind } = this.classify(sql);
    const returnsRows = kind === 'read' || kind === 'bare' || /\bRETURNING\b/i.test(sql);
    const [exactSql, values] = exactly(sql, parameters);
    const { rows, changes, lastId } = this.statement(returnsRows ? 'rows' : 'run', exactSql, values, false);
    return { rows, changes, lastInsertId: lastId };
  }

  /** As TypeORM's own query runner asks the package, and understands what it answers. */
  run(sql: string, parameters: readonly unknown[]): StatementResult {
    const isInsert = sql.startsWith('INSERT ');
    const how = isInsert || sql.startsWith('DELETE ') || sql.startsWith('UPDATE ') ? 'run' : 'rows';
    const isWriting = this.classify(sql).kind === 'write';
    const { rows, changes, lastId } = this.statement(how, sql, sendable(parameters), isWriting);
    return { rows, changes, lastInsertId: isInsert ? lastId : undefined };
  }

  executeEach(sql: string, rows: readonly (readonly unknown[])[]): number {
    const statements = rows.map((row) => exactly(sql, row));
    return this.converting(() => this.thread.ask({ kind: 'each', statements })) as number;
  }

  selectStored(sql: string, parameters: readonly unknown[], goOn: (row: unknown[]) => boolean): unknown[][] {
    const [exactSql, values] = exactly(sql, parameters);
    const found: unknown[][] = [];
    for (let rows = firstRows; ; rows *= 2) {
      const asked = { kind: 'stored', sql: exactSql, parameters: values, offset: found.length, rows } as const;
      const part = this.thread.ask(asked) as unknown[][];
      for (const row of part) {
        const stored = row.map(asBuffer);
        found.push(stored);
        if (!goOn(stored)) return found;
      }
      if (part.length < rows) return found;
    }
  }

  scalar(sql: string, parameters: readonly unknown[] = []): unknown {
    const [exactSql, values] = exactly(sql, parameters);
    const [row] = this.statement('rows', exactSql, values, false).rows as Record<string, unknown>[];
    return row && Object.values(row)[0];
  }

  pragma(text: string): unknown {
    return this.scalar(`PRAGMA ${text}`);
  }

  isBusy(error: unknown): boolean {
    return isBusy(error);
  }

  private statement(how: 'run' | 'rows', sql: string, parameters: unknown, isWriting: boolean): Ran {
    const asked = { kind: 'statement', how, sql, parameters, isWriting } as const;
    const ran = this.converting(() => this.thread.ask(asked)) as Ran;
    (ran.rows as Record<string, unknown>[] | undefined)?.forEach(received);
    return ran;
  }

  private converting<T>(ask: () => T): T {
    try {
      return ask();
    } catch (error) {
      throw converted(error);
    }
  }
}

function asBuffer(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
