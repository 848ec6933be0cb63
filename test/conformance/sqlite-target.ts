import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { AuditTrail, createDataSource } from '../../src/index';
import { openSqlite, sqliteType } from '../support/sqlite';
import { readColumnMaps } from './read-column-maps';
import { readEntries } from '../../src/testing/read-trail';
import { installTruthLog, readTruthLog } from './sqlite-truth-log';
import { takeSnapshot } from './sqlite-snapshot';
import type { AuditedDatabase, PlainDatabase, Target } from './target';
import type { Model, WritePath } from './write-path';

/** No path needs its database to survive a loss of power, and waiting for the disk is most of the suite's time. */
const withoutFsync = 'PRAGMA synchronous = OFF';

/** How the DataSource came under audit: made by the application and attached, or made by the library. */
export type Origin = 'attach' | 'createDataSource';

/** File databases in a temporary folder; a file, because only a file can be read through a second connection. */
export class SqliteTarget implements Target {
  readonly name: string;
  private readonly folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  /** Making the tables through TypeORM takes longer than most paths, so it is done once a model. */
  private readonly templates = new Map<Model, Promise<string>>();
  private files = 0;

  constructor(private readonly origin: Origin = 'attach') {
    this.name = `SQLite (${origin})`;
  }

  async open(model: Model): Promise<AuditedDatabase> {
    const file = await this.freshFile(model);
    const dataSource =
      this.origin === 'attach' ? plainDataSource(model, file) : createDataSource(`sqlite:${file}`, partsOf(model));
    const trail = await AuditTrail.attach(dataSource);
    await dataSource.query(withoutFsync);
    let seen = 0;
    return {
      dataSource,
      snapshot: async () => takeSnapshot(file),
      recorded: async () => {
        await trail.flush();
        const maps = readColumnMaps(file);
        const entries = await readEntries(trail, maps, seen);
        seen = entries.at(-1)?.id ?? seen;
        return { entries, maps };
      },
      warnings: () => trail.describe().warnings,
      close: () => this.close(dataSource, file),
    };
  }

  async openPlain(model: Model, truth: WritePath['truth']): Promise<PlainDatabase> {
    const log = truth === 'changes and rows';
    const file = await this.freshFile(model);
    if (log) installTruthLog(file);
    const dataSource = await plainDataSource(model, file).initialize();
    await dataSource.query(withoutFsync);
    return {
      dataSource,
      snapshot: async () => takeSnapshot(file),
      logged: async () => (log ? readTruthLog(file) : new Map<string, number>()),
      close: () => this.close(dataSource, file),
    };
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async freshFile(model: Model): Promise<string> {
    let template = this.templates.get(model);
    if (!template) this.templates.set(model, (template = this.makeTemplate(model)));
    const file = this.nextFile();
    copyFileSync(await template, file);
    return file;
  }

  private async makeTemplate(model: Model): Promise<string> {
    const file = this.nextFile();
    const dataSource = await plainDataSource(model, file).initialize();
    await dataSource.synchronize();
    await dataSource.destroy();
    const database = openSqlite(file);
    database.exec('PRAGMA synchronous = OFF');
    for (const statement of model.setup ?? []) database.exec(statement);
    database.close();
    return file;
  }

  private nextFile(): string {
    this.files += 1;
    return join(this.folder, `${this.files}.sqlite`);
  }

  private async close(dataSource: DataSource, file: string): Promise<void> {
    if (dataSource.isInitialized) await dataSource.destroy();
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
  }
}

function partsOf({ entities, migrations }: Model): Pick<Model, 'entities' | 'migrations'> {
  return { entities, ...(migrations && { migrations }) };
}

function plainDataSource(model: Model, database: string): DataSource {
  return new DataSource({ type: sqliteType, database, ...partsOf(model) });
}
