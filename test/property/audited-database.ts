import Database from 'better-sqlite3';
import type { DataSource, EntityManager } from 'typeorm';
import { AuditTrail, createDataSource, type AuditEntry } from '../../src/index';
import { type ColumnMaps, maskedProperties } from '../../src/testing/oracle/column-map';
import { readColumnMaps } from '../conformance/read-column-maps';
import type { Snapshot } from '../../src/testing/oracle/snapshot';
import { takeSnapshot } from '../conformance/sqlite-snapshot';
import { entities } from './entities';
import { seed } from './seed';
import type { AuditedStage } from './stage';

/** A database under audit that many programs use one after the other. */
export class AuditedDatabase implements AuditedStage {
  readonly isAudited = true;
  readonly isServer = false;
  private seen = 0;

  private constructor(
    readonly dataSource: DataSource,
    private readonly trail: AuditTrail,
    private readonly file: string,
    private readonly maps: ColumnMaps,
    /** Not the library's: rows to start from are nobody's change. */
    private readonly beside: Database.Database,
    /** What the library had to say to an operator: a drain that failed. */
    readonly warnings: string[],
  ) {}

  static async open(file: string): Promise<AuditedDatabase> {
    const warnings: string[] = [];
    const dataSource = createDataSource(`sqlite:${file}`, {
      entities,
      synchronize: true,
      // A drain in the background that comes often enough to meet every kind of statement.
      audit: { batchSize: 20, commitIntervalMs: 10, lockTimeoutMs: 10_000, onWarning: (text) => warnings.push(text) },
    });
    const trail = await AuditTrail.attach(dataSource);
    // No program needs its database to survive a loss of power.
    await dataSource.query('PRAGMA synchronous = OFF');
    const beside = new Database(file);
    beside.pragma('synchronous = OFF');
    await dataSource.query(`INSERT INTO scrap (owner) VALUES (0)`); // installs the triggers, and so stores the maps
    return new AuditedDatabase(dataSource, trail, file, readColumnMaps(file), beside, warnings);
  }

  async prepare(flows: number): Promise<Snapshot> {
    await this.trail.flush();
    seed(this.beside, flows);
    this.seen = this.beside.prepare('SELECT max(id) FROM audit_entry').pluck().get() as number;
    return takeSnapshot(this.file);
  }

  snapshot(): Promise<Snapshot> {
    return Promise.resolve(takeSnapshot(this.file));
  }

  /** Entries since `prepare`, in the order of the log, nothing masked. */
  async recorded(): Promise<{ entries: AuditEntry[]; maps: ColumnMaps; pending: number }> {
    const { pendingCount } = await this.trail.flush();
    const pending = pendingCount + (this.beside.prepare('SELECT count(*) FROM audit_outbox').pluck().get() as number);
    const newestFirst: AuditEntry[] = [];
    const reveal = maskedProperties(this.maps);
    const count = this.beside.prepare('SELECT count(*) FROM audit_entry WHERE id > ?').pluck().get(this.seen) as number;
    let cursor: string | undefined;
    while (newestFirst.length < count) {
      const limit = Math.min(count - newestFirst.length, 500);
      const page = await this.trail.recent({ limit, reveal, ...(cursor !== undefined && { cursor }) });
      newestFirst.push(...page.entries);
      cursor = page.nextCursor ?? undefined;
    }
    return { entries: newestFirst.reverse(), maps: this.maps, pending };
  }

  /** Who still waits for the connection when nobody works any more; the drain has its turn now and then. */
  async waiting(): Promise<number> {
    let waiting = 0;
    for (let attempt = 0; attempt < 100; attempt += 1) {
      waiting = (await this.trail.stats()).pool.waiting;
      if (waiting === 0) return 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return waiting;
  }

  record(name: string, manager: EntityManager): Promise<void> {
    return this.trail.record({ name }, manager);
  }

  async flush(): Promise<void> {
    await this.trail.flush();
  }

  async close(): Promise<void> {
    this.beside.close();
    await this.trail.close({ drainTimeoutMs: 0 });
    await this.dataSource.destroy();
  }
}
