import { DataSource } from 'typeorm';
import { AuditTrail, createDataSource } from '../../src/index';
import { readSnapshot } from '../../src/testing/mssql/read-snapshot';
import {
  isApplicationTable,
  selectTables,
  serverKinds,
  type ServerTable,
  type TimeTerms,
  toTables,
} from '../../src/testing/mssql/table-sql';
import { toColumnMaps } from '../../src/testing/oracle/column-map';
import type { Snapshot } from '../../src/testing/oracle/snapshot';
import { readEntries } from '../../src/testing/read-trail';
import { makeDatabase, serverLacks, type OwnDatabase, serverOptions } from '../support/mssql';
import { declareForServer } from './model/server-types';
import { installTruthLog, readTruthLog } from './mssql-truth-log';
import type { Origin } from './sqlite-target';
import type { AuditedDatabase, PlainDatabase, Target } from './target';
import type { Model, WritePath } from './write-path';

/** Of an open database: what the next path of the same model goes on with. */
interface Standing<Database> {
  database: Database;
  /** The witness's own connection, without entities and without the library. */
  witness: DataSource;
  drop: () => Promise<void>;
}

/**
 * The two databases whose rows are compared. They go through the same paths from the beginning: what number the next row
 * gets depends on whether its table ever had one, and the server does not tell.
 */
interface Pair {
  audited?: Standing<AuditedDatabase>;
  plain?: Standing<PlainDatabase>;
  /** The next path begins with databases of its own. */
  isSpent: boolean;
}

type Truth = WritePath['truth'];

/**
 * Databases on a server. To make one with its tables takes longer than most paths, so a pair goes through all paths of a
 * model, emptied in between, as long as nothing was wrong.
 */
export class ServerTarget implements Target {
  readonly name: string;
  /** A path may be the first of its model, and a server takes long to make a database. */
  readonly timeoutMs = 120_000;
  /** By what the paths are compared with: where that is another database, or none, the audited one is another, too. */
  private readonly pairs: Record<Truth, Map<Model, Pair>> = {
    'changes and rows': new Map(),
    rows: new Map(),
    none: new Map(),
  };
  private opened = 0;

  constructor(
    private readonly origin: Origin = 'attach',
    /** What an attached DataSource says of times. */
    private readonly terms: TimeTerms = { isUtc: true },
  ) {
    this.name = `SQL Server (${origin})`;
  }

  async open(model: Model, truth: Truth = 'changes and rows'): Promise<AuditedDatabase> {
    this.opened += 1;
    const pairs = this.pairs[truth];
    // Models of their own are those of one path, or of a few.
    await dropAll(pairs, (other, { isSpent }) => isSpent || other !== model);
    const pair = pairs.get(model) ?? { isSpent: false };
    pairs.set(model, pair);
    const audited = (pair.audited ??= await this.openAudited(model));
    return { ...(await this.numbered(audited)), close: () => close(pair, model, audited) };
  }

  /** Goes with the database that was opened last. */
  async openPlain(model: Model, truth: Truth): Promise<PlainDatabase> {
    const pair = this.pairs[truth].get(model);
    if (!pair) throw new Error(`Nothing of ${model.name} was opened to compare with.`);
    const plain = (pair.plain ??= await this.openUnaudited(model, truth === 'changes and rows'));
    const database = await this.numbered(plain);
    await database.logged();
    return { ...database, close: () => close(pair, model, plain) };
  }

  leftOut({ needs }: WritePath): Promise<string | undefined> {
    return needs === undefined ? Promise.resolve(undefined) : serverLacks(needs);
  }

  async startAfresh(): Promise<void> {
    for (const pairs of Object.values(this.pairs)) await dropAll(pairs, () => true);
  }

  private async openAudited(model: Model): Promise<Standing<AuditedDatabase>> {
    const own = await this.makeTables(model);
    const { url, witness } = own;
    await declareForServer(model, this.origin === 'attach');
    const dataSource = this.origin === 'attach' ? this.dataSourceOf(model, url) : createDataSource(url, partsOf(model));
    const trail = await AuditTrail.attach(dataSource, { drain: false });
    let seen = 0;
    const database: AuditedDatabase = {
      dataSource,
      snapshot: () => this.snapshot(witness),
      recorded: async () => {
        const maps = toColumnMaps(await witness.query('SELECT name, value FROM audit_meta'), serverKinds);
        const entries = await readEntries(trail, maps, seen);
        seen = entries.at(-1)?.id ?? seen;
        return { entries, maps };
      },
      warnings: () => trail.describe().warnings,
      close: () => dataSource.destroy(),
    };
    return { database, witness, drop: () => own.drop(dataSource) };
  }

  private async openUnaudited(model: Model, log: boolean): Promise<Standing<PlainDatabase>> {
    const own = await this.makeTables(model);
    const { url, witness } = own;
    if (log) await installTruthLog(witness);
    await declareForServer(model, this.origin === 'attach');
    const dataSource = await this.dataSourceOf(model, url).initialize();
    const database: PlainDatabase = {
      dataSource,
      snapshot: () => this.snapshot(witness),
      logged: async () => (log ? readTruthLog(witness) : new Map<string, number>()),
      close: () => dataSource.destroy(),
    };
    return { database, witness, drop: () => own.drop(dataSource) };
  }

  /** A database with the model's tables, made without the library. */
  private async makeTables(model: Model) {
    const own: OwnDatabase = await makeDatabase();
    const witness = await new DataSource({ ...serverOptions(own.url), pool: { max: 1 } }).initialize();
    const drop = async (dataSource?: DataSource): Promise<void> => {
      for (const open of [dataSource, witness]) if (open?.isInitialized) await open.destroy();
      await own.drop();
    };
    try {
      await declareForServer(model, true);
      const maker = await new DataSource({ ...serverOptions(own.url), entities: model.entities }).initialize();
      try {
        await maker.synchronize();
        for (const statement of model.setup ?? []) await maker.query(statement);
      } finally {
        await maker.destroy();
      }
    } catch (error) {
      await drop();
      throw error;
    }
    return { url: own.url, witness, drop };
  }

  private dataSourceOf(model: Model, url: string): DataSource {
    const stock = serverOptions(url);
    const options = { ...stock.options, useUTC: this.terms.isUtc };
    return new DataSource({ ...stock, ...partsOf(model), options });
  }

  private async snapshot(witness: DataSource): Promise<Snapshot> {
    return readSnapshot(witness, await tablesOf(witness), this.terms);
  }

  /** Rows of both databases have the same numbers, which no other path has. */
  private async numbered<Database>({ database, witness }: Standing<Database>): Promise<Database> {
    const paths = await witness.query<{ path: string }[]>(
      `SELECT QUOTENAME(s.name) + '.' + QUOTENAME(o.name) AS path
      FROM sys.identity_columns i JOIN sys.tables o ON o.object_id = i.object_id JOIN sys.schemas s ON s.schema_id = o.schema_id
      WHERE o.name <> 'truth_log' ORDER BY o.name`,
    );
    const statements = paths.map(
      ({ path }) => `DBCC CHECKIDENT ('${path.replaceAll("'", "''")}', RESEED, ${this.opened * 100})`,
    );
    if (statements.length > 0) await witness.query(statements.join('; '));
    return database;
  }
}

async function dropAll(pairs: Map<Model, Pair>, which: (model: Model, pair: Pair) => boolean): Promise<void> {
  for (const [model, pair] of [...pairs]) {
    if (!which(model, pair)) continue;
    pairs.delete(model);
    await pair.audited?.drop();
    await pair.plain?.drop();
  }
}

async function close(pair: Pair, model: Model, standing: Standing<unknown>): Promise<void> {
  if (model.isUsedUp || !(await isEmptied(standing))) pair.isSpent = true;
}

/** Deletes all rows, those that are referred to last. */
async function isEmptied({ witness }: Standing<unknown>): Promise<boolean> {
  let left = await tablesOf(witness);
  for (let round = 0; left.length > 0 && round < 20; round += 1) {
    const refused: ServerTable[] = [];
    for (const table of left) await witness.query(`DELETE FROM ${table.path}`).catch(() => refused.push(table));
    left = refused;
  }
  return left.length === 0;
}

async function tablesOf(witness: DataSource): Promise<ServerTable[]> {
  return toTables(await witness.query(selectTables)).filter(isApplicationTable);
}

function partsOf({ entities, migrations }: Model): Pick<Model, 'entities' | 'migrations'> {
  return { entities, ...(migrations && { migrations }) };
}
