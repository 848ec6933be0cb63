import { DataSource } from 'typeorm';
import { AuditTrail, createDataSource } from '../../src/index';
import {
  addSelected,
  isApplicationTable,
  selectTables,
  selectValues,
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
 * Databases on a server. To make one with its tables takes longer than most paths, so one goes through all paths of a
 * model, emptied in between, as long as nothing was wrong.
 */
export class ServerTarget implements Target {
  readonly name: string;
  /** A path may be the first of its model, and a server takes long to make a database. */
  readonly timeoutMs = 120_000;
  private readonly audited = new Map<Model, Standing<AuditedDatabase>>();
  private readonly plain = new Map<string, Map<Model, Standing<PlainDatabase>>>();
  private opened = 0;

  constructor(
    private readonly origin: Origin = 'attach',
    /** What an attached DataSource says of times. */
    private readonly terms: TimeTerms = { isUtc: true },
  ) {
    this.name = `SQL Server (${origin})`;
  }

  async open(model: Model): Promise<AuditedDatabase> {
    this.opened += 1;
    const standing = await this.standing(this.audited, model, () => this.openAudited(model));
    await this.renumber(standing);
    return { ...standing.database, close: () => this.close(this.audited, model, standing) };
  }

  async openPlain(model: Model, log: boolean): Promise<PlainDatabase> {
    const kind = log ? 'with a log' : 'without';
    const databases = this.plain.get(kind) ?? new Map<Model, Standing<PlainDatabase>>();
    this.plain.set(kind, databases);
    const standing = await this.standing(databases, model, () => this.openUnaudited(model, log));
    await this.renumber(standing);
    await standing.database.logged();
    return { ...standing.database, close: () => this.close(databases, model, standing) };
  }

  leftOut({ needs }: WritePath): Promise<string | undefined> {
    return needs === undefined ? Promise.resolve(undefined) : serverLacks(needs);
  }

  async startAfresh(): Promise<void> {
    const all = [this.audited, ...this.plain.values()].flatMap((databases) => [...databases.values()]);
    for (const databases of [this.audited, ...this.plain.values()]) databases.clear();
    for (const standing of all) await standing.drop();
  }

  private async standing<Database>(
    databases: Map<Model, Standing<Database>>,
    model: Model,
    open: () => Promise<Standing<Database>>,
  ): Promise<Standing<Database>> {
    let found = databases.get(model);
    if (!found) {
      // Models of their own are those of one path, or of a few.
      await this.dropOthers(databases, model);
      databases.set(model, (found = await open()));
    }
    return found;
  }

  private async dropOthers<Database>(databases: Map<Model, Standing<Database>>, model: Model): Promise<void> {
    for (const [other, { drop }] of databases) {
      if (other === model) continue;
      databases.delete(other);
      await drop();
    }
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
    const snapshot: Snapshot = new Map();
    for (const table of await tablesOf(witness)) {
      const rows = await witness.query<Record<string, unknown>[]>(
        `SELECT ${selectValues(table.columns)} FROM ${table.path}`,
      );
      snapshot.set(table.name, addSelected(table, rows, this.terms));
    }
    return snapshot;
  }

  private async close<Database>(
    databases: Map<Model, Standing<Database>>,
    model: Model,
    standing: Standing<Database>,
  ): Promise<void> {
    if (!model.isUsedUp) return this.empty(standing);
    databases.delete(model);
    await standing.drop();
  }

  /** Rows have the same numbers with the library and without, whatever was there before. */
  private async renumber({ witness }: Standing<unknown>): Promise<void> {
    const numbered = await witness.query<{ path: string; step: number; isUsed: number }[]>(
      `SELECT QUOTENAME(s.name) + '.' + QUOTENAME(o.name) AS path, CONVERT(int, i.increment_value) AS step,
        CASE WHEN i.last_value IS NULL THEN 0 ELSE 1 END AS isUsed
      FROM sys.identity_columns i JOIN sys.tables o ON o.object_id = i.object_id JOIN sys.schemas s ON s.schema_id = o.schema_id
      WHERE o.name <> 'truth_log' ORDER BY o.name`,
    );
    if (numbered.length === 0) return;
    const statements = numbered.map(({ path, step, isUsed }) => {
      // The first row that a table ever gets has this number, any other the next.
      const number = this.opened * 100 + (isUsed ? 0 : step);
      return `DBCC CHECKIDENT ('${path.replaceAll("'", "''")}', RESEED, ${number})`;
    });
    await witness.query(statements.join('; '));
  }

  /** Deletes all rows, those that are referred to last. */
  private async empty({ witness }: Standing<unknown>): Promise<void> {
    let left = await tablesOf(witness);
    for (let round = 0; left.length > 0 && round < 20; round += 1) {
      const refused: ServerTable[] = [];
      for (const table of left) await witness.query(`DELETE FROM ${table.path}`).catch(() => refused.push(table));
      left = refused;
    }
    if (left.length > 0) await this.startAfresh();
  }
}

async function tablesOf(witness: DataSource): Promise<ServerTable[]> {
  return toTables(await witness.query(selectTables)).filter(isApplicationTable);
}

function partsOf({ entities, migrations }: Model): Pick<Model, 'entities' | 'migrations'> {
  return { entities, ...(migrations && { migrations }) };
}
