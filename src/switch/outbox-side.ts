import type { DataSource } from 'typeorm';
import { SliceDrain } from '../batching/drain-slice';
import type { AloneDatabase } from '../dialect/alone-database';
import type { PortableEntry } from '../model/portable-entry';
import { migrateAuditSchema } from '../store/audit-migrator';
import { EntryImport } from '../store/entry-import';
import { EntryWriter } from '../store/entry-writer';
import type { Places } from '../store/import-plan';
import { MetaStore } from '../store/meta-store';
import { Outbox } from '../store/outbox';
import { connectionTo, PortableReader } from '../store/portable-rows';
import { Quarantine } from '../store/quarantine';
import type { Extent, LogSide, TextLimit } from './log-side';
import type { Note } from './note';
import { OutboxTables } from './outbox-tables';

const slice = { rows: 5000, bytes: 8_000_000 };

/** A database whose changes wait in an outbox, on one connection. */
export class OutboxSide implements LogSide {
  readonly dataSource: DataSource;
  readonly tables: OutboxTables;
  private readonly meta: MetaStore;

  constructor(private readonly database: Extract<AloneDatabase, { kind: 'outbox' }>) {
    this.dataSource = database.dataSource;
    this.meta = new MetaStore(database.dialect.storeSql);
    this.tables = new OutboxTables(database.engine, database.dialect, (work, notes) =>
      this.inTransaction(() => {
        work();
        this.note(notes);
      }),
    );
  }

  async hasLog(): Promise<boolean> {
    return this.meta.areTablesThere(this.database.engine);
  }

  async migrate(): Promise<void> {
    this.database.dialect.prepare(this.database.engine);
    await migrateAuditSchema(this.dataSource, 'outbox');
  }

  async logId(): Promise<string> {
    return this.meta.logId(this.database.engine);
  }

  async extent(): Promise<Extent> {
    return this.execute(this.sql.selectExtent)[0] as Extent;
  }

  async pending() {
    return new Outbox(this.sql, this.meta).pending(this.database.engine);
  }

  async drain(): Promise<number> {
    const { engine } = this.database;
    const drain = new SliceDrain(new Outbox(this.sql, this.meta), this.writer(), new Quarantine(this.sql));
    for (let entries = 0; ;) {
      const done = this.inTransaction(() => drain.run(engine, slice));
      entries += done.entries;
      if (done.upTo === null) return entries;
    }
  }

  reader(): PortableReader {
    return new PortableReader(this.sql, connectionTo(this.database.engine));
  }

  /** The file is this connection's alone. */
  async hold(): Promise<void> {}

  async notes(prefix: string): Promise<Map<string, string>> {
    const rows = this.execute(this.sql.selectMetaLike, [`${prefix}%`]) as { name: string; value: string }[];
    return new Map(rows.map(({ name, value }) => [name, value]));
  }

  async take(entries: readonly PortableEntry[], places: Places, notes: readonly Note[]): Promise<void> {
    this.inTransaction(() => {
      new EntryImport(this.sql, this.writer()).write(this.database.engine, entries, places);
      this.note(notes);
    });
  }

  /** The table goes on behind the highest number that it ever had. */
  async numberFrom(): Promise<void> {}

  async nextNumber(): Promise<number> {
    return Number(this.database.engine.scalar(this.sql.selectHighestId)) + 1;
  }

  readonly textLimits: readonly TextLimit[] = [];

  async tooLong(limits: readonly TextLimit[]): Promise<number[]> {
    const ids = new Set<number>();
    for (const { column, length } of limits) {
      const rows = this.execute(this.sql.selectLong(column), [length]) as { id: number; text: string }[];
      for (const { id, text } of rows) if (text.length > length) ids.add(id);
    }
    return [...ids].sort((a, b) => a - b);
  }

  async space() {
    return this.database.space();
  }

  /** Done with each entry. */
  async count(): Promise<void> {}

  async collation(): Promise<undefined> {}

  async now(): Promise<number> {
    return Date.now();
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
  }

  private get sql() {
    return this.database.dialect.storeSql;
  }

  private writer(): EntryWriter {
    return new EntryWriter(this.sql, this.database.dialect.capabilities.batchSize);
  }

  private execute(sql: string, parameters: readonly unknown[] = []): unknown[] {
    return this.database.engine.execute(sql, parameters).rows ?? [];
  }

  private note(notes: readonly Note[]): void {
    for (const [name, value] of notes) {
      this.execute(this.sql.deleteMeta, [name]);
      if (value !== null) this.execute(this.sql.insertMeta, [name, value]);
    }
  }

  private inTransaction<T>(work: () => T): T {
    this.execute('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.execute('COMMIT');
      return result;
    } catch (error) {
      if (this.database.engine.inTransaction) this.execute('ROLLBACK');
      throw error;
    }
  }
}
