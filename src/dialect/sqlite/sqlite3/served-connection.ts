import { createRequire } from 'node:module';
import { classify } from '../classify';
import { asPackage, type Sqlite3, type Sqlite3Database } from './package';
import { copyPages } from './copy-pages';
import { called, Statements } from './statements';
import { storedForm, storedRow } from './stored-rows';
import type { Ran, Request } from './wire';

/** The connection in its thread: does one request after the other, and knows whether a transaction is open. */
export class ServedConnection {
  /** After the last request, as the database has it. */
  inTransaction = false;
  private readonly package: Sqlite3;
  private open: { database: Sqlite3Database; statements: Statements } | undefined;
  /** Number of columns of a query of the library. */
  private readonly columns = new Map<string, number>();

  /** @param driver path of the package's module */
  constructor(driver: string) {
    this.package = asPackage(createRequire(__filename)(driver));
  }

  /** @throws what the package says against it */
  async serve(request: Request): Promise<unknown> {
    try {
      const value = await this.perform(request);
      await this.follow(request);
      return value;
    } catch (error) {
      // What failed may have ended the transaction: RAISE(ROLLBACK), a full disk.
      await this.look();
      throw error;
    }
  }

  private async perform(request: Request): Promise<unknown> {
    if (request.kind === 'open') return this.openFile(request);
    const { database, statements } = this.open!;
    switch (request.kind) {
      case 'statement':
        return this.run(statements, request);
      case 'each': {
        let lastId = 0;
        for (const [sql, parameters] of request.statements) lastId = (await statements.run(sql, parameters)).lastID;
        return lastId;
      }
      case 'stored':
        return this.stored(statements, request);
      case 'exec':
        return called((done) => database.exec(request.sql, done));
      case 'extension':
        return called((done) => database.loadExtension(request.path, done));
      case 'busyTimeout':
        return database.configure('busyTimeout', request.ms);
      case 'restore':
        return copyPages(database, request.file, false);
      case 'close':
        await statements.finalize();
        await called((done) => database.close(done));
        this.open = undefined;
        return undefined;
    }
  }

  private async openFile({ file, mode }: Extract<Request, { kind: 'open' }>): Promise<void> {
    const database = await new Promise<Sqlite3Database>((resolve, reject) => {
      const made: Sqlite3Database = new this.package.Database(file, mode ?? readWriteCreate, (error) =>
        error ? reject(error) : resolve(made),
      );
    });
    this.open = { database, statements: new Statements(database) };
  }

  private async run(
    statements: Statements,
    { how, sql, parameters, isWriting }: Extract<Request, { kind: 'statement' }>,
  ): Promise<Ran> {
    if (how === 'run') {
      const { changes, lastID } = await statements.run(sql, parameters);
      return { rows: undefined, changes, lastId: lastID };
    }
    const rows = await statements.all(sql, parameters);
    if (!isWriting) return { rows, changes: 0, lastId: undefined };
    const [counted] = await statements.all('SELECT changes() AS changes', []);
    return { rows, changes: counted!['changes'] as number, lastId: undefined };
  }

  private async stored(
    statements: Statements,
    { sql, parameters, offset, rows }: Extract<Request, { kind: 'stored' }>,
  ): Promise<unknown[][]> {
    let columns = this.columns.get(sql);
    if (columns === undefined) {
      // The package does not say how many there are.
      const steps = await statements.all(`EXPLAIN ${sql}`, parameters);
      columns = steps.find(({ opcode }) => opcode === 'ResultRow')!['p2'] as number;
      this.columns.set(sql, columns);
    }
    return (await statements.all(storedForm(sql, columns), [...parameters, rows, offset])).map(storedRow);
  }

  /** A statement that succeeds changes the state by being of a kind that does. */
  private async follow(request: Request): Promise<void> {
    if (request.kind === 'exec') return this.look();
    if (request.kind !== 'statement') return;
    const kind = classify(request.sql);
    if (kind === 'begin') this.inTransaction = true;
    else if (kind === 'commit' || kind === 'rollback') this.inTransaction = false;
    // Without a transaction a savepoint begins one, which ends with it.
    else if (kind === 'savepoint' || kind === 'release') await this.look();
  }

  /** The package has no word for it, but BEGIN fails in a transaction, and does nothing else there. */
  private async look(): Promise<void> {
    if (!this.open) return;
    const { statements } = this.open;
    try {
      await statements.run('BEGIN', []);
    } catch (error) {
      if (/within a transaction/.test(String(error))) this.inTransaction = true;
      return;
    }
    await statements.run('ROLLBACK', []);
    this.inTransaction = false;
  }
}

/** What the package opens with by itself: OPEN_READWRITE | OPEN_CREATE | OPEN_FULLMUTEX. */
const readWriteCreate = 0x00010006;
