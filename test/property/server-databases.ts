import { DataSource, type EntityManager } from 'typeorm';
import { AuditTrail, createDataSource } from '../../src/index';
import { readSnapshot } from '../../src/testing/mssql/read-snapshot';
import {
  isApplicationTable,
  selectTables,
  serverKinds,
  type ServerTable,
  toTables,
} from '../../src/testing/mssql/table-sql';
import { toColumnMaps } from '../../src/testing/oracle/column-map';
import type { Snapshot } from '../../src/testing/oracle/snapshot';
import { readEntries } from '../../src/testing/read-trail';
import { makeDatabase, type OwnDatabase, serverLacks, serverOptions } from '../support/mssql';
import type { Stages } from './check-program';
import { entities } from './entities';
import { seedServer } from './seed';
import { declareForServer } from './server-entities';
import type { AuditedStage, Stage, StockStage } from './stage';

/** A server may take long to make connections, and for its first statement on each. */
const patient = { connectTimeoutMs: 60_000, acquireTimeoutMs: 120_000, statementTimeoutMs: 120_000 };

/** Two databases on the server of the tests: one under audit, on a small pool, and one without the library. */
export async function openOnServer(): Promise<Stages> {
  declareForServer((await serverLacks('a cascade from several rows is told several times')) !== undefined);
  return { audited: await AuditedOnServer.open(), stock: await StockOnServer.open() };
}

type Parts = [dataSource: DataSource, beside: DataSource, own: OwnDatabase];

/** A database, and a connection to it that the library knows nothing of. */
abstract class OnServer implements Stage {
  readonly isServer = true;
  abstract readonly isAudited: boolean;
  private tables: ServerTable[] | undefined;

  constructor(
    readonly dataSource: DataSource,
    protected readonly beside: DataSource,
    private readonly own: OwnDatabase,
  ) {}

  async prepare(flows: number): Promise<Snapshot> {
    await seedServer(this.beside, flows);
    return this.snapshot();
  }

  async snapshot(): Promise<Snapshot> {
    this.tables ??= toTables(await this.beside.query(selectTables)).filter(isApplicationTable);
    return readSnapshot(this.beside, this.tables, { isUtc: true });
  }

  abstract record(name: string, manager: EntityManager): Promise<void>;
  abstract flush(): Promise<void>;

  async close(): Promise<void> {
    await this.dataSource.destroy();
    await this.beside.destroy();
    await this.own.drop();
  }
}

class AuditedOnServer extends OnServer implements AuditedStage {
  readonly isAudited = true;
  readonly warnings: string[] = [];
  private seen = 0;

  private constructor(
    parts: Parts,
    private readonly trail: AuditTrail,
  ) {
    super(...parts);
  }

  static async open(): Promise<AuditedOnServer> {
    const own = await makeDatabase();
    const warnings: string[] = [];
    const dataSource = createDataSource(own.url, {
      entities,
      synchronize: true,
      connection: { ...patient, minConnections: 6, maxConnections: 6 },
      // Roll-ups that come often enough to meet every kind of statement.
      audit: { commitIntervalMs: 50, onWarning: (text) => warnings.push(text) },
    });
    const trail = await AuditTrail.attach(dataSource);
    const opened = new AuditedOnServer([dataSource, await besides(own.url), own], trail);
    opened.warnings.push(...warnings);
    return opened;
  }

  override async prepare(flows: number): Promise<Snapshot> {
    const snapshot = await super.prepare(flows);
    // Triggers record these rows as well.
    const [row] = await this.beside.query<{ last: string }[]>('SELECT MAX(id) AS last FROM audit_entry');
    this.seen = Number(row!.last);
    return snapshot;
  }

  async recorded() {
    await this.trail.flush();
    const maps = toColumnMaps(await this.beside.query('SELECT name, value FROM audit_meta'), serverKinds);
    const entries = await readEntries(this.trail, maps, this.seen);
    // Numbers are given before the commit, so that what is read here must be all there is.
    const [row] = await this.beside.query<{ count: number }[]>(
      `SELECT COUNT(*) AS count FROM audit_entry WHERE id > ${this.seen}`,
    );
    return { entries, maps, pending: Number(row!.count) - entries.length };
  }

  async waiting(): Promise<number> {
    return (await this.trail.stats()).pool.waiting;
  }

  record(name: string, manager: EntityManager): Promise<void> {
    return this.trail.record({ name }, manager);
  }

  async flush(): Promise<void> {
    await this.trail.flush();
  }
}

class StockOnServer extends OnServer implements StockStage {
  readonly isAudited = false;

  static async open(): Promise<StockOnServer> {
    const own = await makeDatabase();
    const { options } = createDataSource(own.url, { entities, connection: { ...patient, maxConnections: 4 } });
    const dataSource = await new DataSource({ ...options, entities, synchronize: true }).initialize();
    return new StockOnServer(dataSource, await besides(own.url), own);
  }

  /** TypeORM's OUTPUT is refused on a table with triggers, be they the test's own (error 334). */
  counted(): undefined {
    return undefined;
  }

  async record(): Promise<void> {
    // There is no trail.
  }

  async flush(): Promise<void> {
    // There is no trail.
  }
}

function besides(url: string): Promise<DataSource> {
  return new DataSource({ ...serverOptions(url), pool: { max: 1 } }).initialize();
}
