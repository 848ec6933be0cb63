import type { DataSource, QueryRunner } from 'typeorm';
import { countEntries } from '../batching/roll-ups';
import type { AloneDatabase } from '../dialect/alone-database';
import { runReplayed } from '../dialect/replayed';
import type { ServerConnection, ServerSession } from '../dialect/server-dialect';
import { DatabaseInUseError } from '../errors';
import type { Collation } from '../model/planned-table';
import type { PortableEntry } from '../model/portable-entry';
import { migrateAuditSchema } from '../store/audit-migrator';
import type { Places } from '../store/import-plan';
import { MetaStore } from '../store/meta-store';
import { ownTransaction } from '../store/own-transaction';
import { PortableReader } from '../store/portable-rows';
import { ServerImport } from '../store/server-import';
import type { Extent, LogSide, TextLimit } from './log-side';
import type { Note } from './note';
import { ServerTables } from './server-tables';

/** A database on a server, where triggers write entries at once. */
export class ServerSide implements LogSide {
  readonly dataSource: DataSource;
  readonly tables: ServerTables;
  private readonly session: ServerSession;
  private readonly meta: MetaStore;
  /** Has the locks that keep writers away. */
  private holder: QueryRunner | undefined;

  constructor(database: Extract<AloneDatabase, { kind: 'server' }>) {
    this.dataSource = database.dataSource;
    this.session = database.dialect.session(database.dataSource);
    this.meta = new MetaStore(this.session.storeSql);
    this.tables = new ServerTables(this.session, (work, notes) => this.commit(work, notes));
  }

  async hasLog(): Promise<boolean> {
    return runReplayed((engine) => this.meta.areTablesThere(engine), this.connection);
  }

  async migrate(): Promise<void> {
    await migrateAuditSchema(this.dataSource, 'server');
  }

  async logId(): Promise<string> {
    return runReplayed((engine) => this.meta.logId(engine), this.connection);
  }

  async extent(): Promise<Extent> {
    const [row] = await this.connection.query(this.session.storeSql.selectExtent);
    return { entries: Number(row?.['entries']), last: Number(row?.['last']) };
  }

  async pending(): Promise<{ rows: number; quarantined: number }> {
    return { rows: 0, quarantined: 0 };
  }

  async drain(): Promise<number> {
    return 0;
  }

  reader(): PortableReader {
    return new PortableReader(this.session.storeSql, this.connection);
  }

  async hold(): Promise<void> {
    this.holder = this.dataSource.createQueryRunner();
    await this.holder.startTransaction();
    try {
      await this.session.within(this.holder).query(this.session.importSql.lockLog);
    } catch (cause) {
      throw new DatabaseInUseError('Somebody writes to the log of the source.', { cause });
    }
  }

  async notes(prefix: string): Promise<Map<string, string>> {
    const rows = await this.connection.query(this.session.storeSql.selectMetaLike, [`${prefix}%`]);
    return new Map(rows.map(({ name, value }) => [String(name), String(value)]));
  }

  async take(entries: readonly PortableEntry[], places: Places, notes: readonly Note[]): Promise<void> {
    await this.commit(async (runner) => {
      await new ServerImport(this.session).write(runner, entries, places);
    }, notes);
  }

  /** Numbers are never given twice: where they are further already, they go on there. */
  async numberFrom(next: number): Promise<void> {
    if ((await this.nextNumber()) < next) await this.connection.query(this.session.importSql.restartNumbers(next));
  }

  async nextNumber(): Promise<number> {
    const [row] = await this.connection.query(this.session.importSql.selectNumbers, ['[0]']);
    return Number(row?.['id']);
  }

  get textLimits(): readonly TextLimit[] {
    return this.session.importSql.entryColumns.flatMap(({ name, length }) =>
      length === undefined ? [] : [{ column: name, length }],
    );
  }

  /** What fits into one such database fits into another. */
  async tooLong(): Promise<number[]> {
    return [];
  }

  async space() {
    const [row] = await this.connection.query(this.session.importSql.selectSize);
    // Who may not look at the disks is told that it is not known.
    const free = await this.connection.query(this.session.importSql.selectFree).catch(() => []);
    const bytes = (value: unknown) => (value === null || value === undefined ? undefined : Number(value));
    return { used: bytes(row?.['bytes']), free: bytes(free[0]?.['bytes']) };
  }

  async count(): Promise<void> {
    await countEntries(this.session);
  }

  /** `Latin1_General_CI_AS` and the like. */
  async collation(): Promise<Collation> {
    const [row] = await this.connection.query(this.session.importSql.selectCollation);
    const parts = String(row?.['name']).toUpperCase().split('_');
    return { ignoresCase: parts.includes('CI'), ignoresAccents: parts.includes('AI') };
  }

  async now(): Promise<number> {
    const [row] = await this.connection.query(this.session.importSql.selectNow);
    return Number(row?.['now']);
  }

  async close(): Promise<void> {
    // Where the connection has ended, so have the locks.
    await this.holder?.rollbackTransaction().catch(() => undefined);
    await this.holder?.release();
    await this.dataSource.destroy();
  }

  private get connection(): ServerConnection {
    return this.holder ? this.session.within(this.holder) : this.session.pool;
  }

  private async commit(work: (runner: QueryRunner) => Promise<void>, notes: readonly Note[]): Promise<void> {
    await ownTransaction(this.dataSource.createQueryRunner(), async (runner) => {
      await work(runner);
      const { storeSql } = this.session;
      const connection = this.session.within(runner);
      for (const [name, value] of notes) {
        await connection.query(storeSql.deleteMeta, [name]);
        if (value !== null) await connection.query(storeSql.insertMeta, [name, value]);
      }
    });
  }
}
