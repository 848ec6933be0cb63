import { createRequire } from 'node:module';
import type Database from 'better-sqlite3';
import { createHash, randomUUID } from 'node:crypto';
import { sqliteStoreSql } from '../../../src/dialect/sqlite/store-sql';
import { AuditTrail, createDataSource } from '../../../src/index';
import { toContextRecord } from '../../../src/store/pending-context';
import { type Countable, rollUp } from '../../../src/store/rollup';
import { type Distribution, drawer, randomNumbers } from './random';
import { actorCount, actorName, entityCount, entityName, imageText, logEntities } from './shape';

export interface FillOptions {
  file: string;
  entries: number;
  distribution: Distribution;
  /** Days over which the entries are spread, evenly, up to now. */
  days: number;
  seed: number;
  /** Told from time to time how many are written. */
  onProgress(written: number): void;
}

const chunkSize = 10_000;
const rowsAStatement = 100;
/** Entries that a row has on average. */
const entriesARow = 20;
const fields = '["status","value","count","isActive","comment","updatedAt"]';
const allFields = '["id","name","status","value","count","isActive","details","comment","updatedAt"]';

/**
 * A log of many entries, straight into the audit tables, as the library would have written it: its schema, its roll-ups,
 * contexts, ids in the order of time. Only the secondary indexes are made at the end, in one go.
 */
export async function fillLog(options: FillOptions): Promise<void> {
  const dataSource = createDataSource(`sqlite:${options.file}`, { entities: logEntities, synchronize: true });
  await AuditTrail.attach(dataSource);
  await dataSource.destroy();
  // Loaded only here: the suites of other packages do without.
  const Driver = createRequire(__filename)('better-sqlite3') as typeof Database;
  const database = new Driver(options.file);
  // What is half done is thrown away.
  for (const pragma of ['journal_mode = OFF', 'synchronous = OFF', 'cache_size = -1000000']) database.pragma(pragma);
  try {
    const indexes = database
      .prepare(
        `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'audit_entry' AND sql IS NOT NULL`,
      )
      .all() as { name: string; sql: string }[];
    for (const { name } of indexes) database.exec(`DROP INDEX ${name}`);
    const writer = new LogWriter(database, options);
    for (let written = 0; written < options.entries;) {
      const count = Math.min(chunkSize, options.entries - written);
      database.transaction(() => writer.write(written, count))();
      options.onProgress((written += count));
    }
    for (const { sql } of indexes) database.exec(sql);
    database.pragma('journal_mode = WAL');
  } finally {
    database.close();
  }
}

class LogWriter {
  private readonly random: () => number;
  private readonly entity: () => number;
  private readonly actor: () => number;
  private readonly begin: number;
  private readonly step: number;
  private readonly rowsAnEntity: number;
  private readonly mapIds: ReadonlyMap<string, number>;
  private context = { id: 0, actor: '', correlationId: '', transactionId: '', left: 0 };

  constructor(
    private readonly database: Database.Database,
    { entries, distribution, days, seed }: FillOptions,
  ) {
    this.random = randomNumbers(seed);
    this.entity = drawer(entityCount, distribution, this.random);
    this.actor = drawer(actorCount, distribution, this.random);
    this.step = (days * 86_400_000) / entries;
    this.begin = Date.now() - days * 86_400_000;
    this.rowsAnEntity = Math.max(5, Math.round(entries / entityCount / entriesARow));
    const maps = database.prepare(`SELECT name, value FROM audit_meta WHERE name LIKE 'map:%'`).all();
    this.mapIds = new Map(
      (maps as { name: string; value: string }[]).map(({ name, value }) => [
        (JSON.parse(value) as { entity: string }).entity,
        Number(name.slice('map:'.length)),
      ]),
    );
  }

  write(from: number, count: number): void {
    const rows: unknown[][] = [];
    const contexts: unknown[][] = [];
    const counted: Countable[] = [];
    for (let number = from; number < from + count; number += 1) {
      const recordedAt = Math.floor(this.begin + number * this.step);
      if (this.context.left === 0) contexts.push(this.newContext(number));
      this.context.left -= 1;
      const { id, actor, correlationId, transactionId } = this.context;
      const entity = entityName(this.entity());
      const row = 1 + Math.floor(this.random() * this.rowsAnEntity);
      const operation = operationOf(this.random());
      const before = operation === 'insert' ? null : imageText(row, number, recordedAt);
      const after = operation === 'delete' ? null : imageText(row, number + 1, recordedAt);
      rows.push([
        ...[transactionId, entity, entity.toLowerCase(), String(row), operation, before, after],
        ...[before && after ? fields : allFields, actor, correlationId, id, this.mapIds.get(entity), recordedAt, null],
      ]);
      counted.push({ entity, operation, actor, recordedAt, entries: 1 });
    }
    this.insert(contexts, (rows) => sqliteStoreSql.insertContexts(rows));
    const insertEntry = this.prepared(sqliteStoreSql.insertEntries(1));
    for (const row of rows) insertEntry.run(...row);
    this.insert(rollUp(counted, from + 1), (rows) => sqliteStoreSql.addRollups(rows));
  }

  /** A request: one transaction of one to four changes. */
  private newContext(number: number): unknown[] {
    const actor = actorName(this.actor());
    const correlationId = idOf(`request ${number}`);
    const left = 1 + Math.floor(this.random() * 4);
    this.context = { id: this.context.id + 1, actor, correlationId, transactionId: randomUUID(), left };
    const context = toContextRecord(JSON.stringify({ actor, reason: 'hourly round', correlationId, source: 'http' }));
    return [context.digest, context.actor, context.reason, context.correlationId, context.source, context.metadata];
  }

  private insert(rows: unknown[][], sql: (rows: number) => string): void {
    for (let start = 0; start < rows.length; start += rowsAStatement) {
      const part = rows.slice(start, start + rowsAStatement);
      this.prepared(sql(part.length)).run(...part.flat());
    }
  }

  private readonly statements = new Map<string, Database.Statement>();

  private prepared(sql: string): Database.Statement {
    let statement = this.statements.get(sql);
    if (!statement) this.statements.set(sql, (statement = this.database.prepare(sql)));
    return statement;
  }
}

function operationOf(number: number): string {
  if (number < 0.3) return 'insert';
  if (number < 0.95) return 'update';
  if (number < 0.989) return 'delete';
  return number < 0.999 ? 'soft_delete' : 'restore';
}

/** In the form of a UUID. */
function idOf(text: string): string {
  return createHash('md5')
    .update(text)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
