import { performance } from 'node:perf_hooks';
import type { DataSource } from 'typeorm';
import type { Slice } from '../batching/drain-slice';
import { auditContext } from '../capture/audit-context';
import type { Capture } from '../capture/instrument';
import type { Dialect } from '../dialect/dialect';
import type { Engine } from '../dialect/engine';
import { AuditSchemaMissingError, InvalidQueryError } from '../errors';
import { contextText } from '../model/context';
import { alignMap } from '../model/row-names';
import type { TableMap } from '../model/table-map';
import type { CheckOptions, QuarantinedRecord, SkippedTable } from '../reports';
import type { EntryWriter } from '../store/entry-writer';
import { LiveRows, UnreadableKeyError } from '../store/live-rows';
import type { Quarantine } from '../store/quarantine';
import { TrailImages } from '../store/trail-images';
import { type CheckedTable, CheckedTables } from './checked-tables';
import { Turns } from './turns';

/** What a trail lends to its checks. */
export interface CheckTools {
  dataSource: DataSource;
  dialect: Dialect;
  capture: Capture;
  writer: EntryWriter;
  /** Drains what is pending now, in transactions of its own. */
  flush(): Promise<unknown>;
  /** One slice of the drain within the caller's transaction. */
  drainSlice(engine: Engine): Slice;
  /** Told of each slice when its transaction is committed. */
  drained(slice: Slice): void;
  quarantine: Quarantine;
}

/** Beyond the first row a chunk holds about so many bytes of values. */
export const chunkBytes = 1_000_000;
const chunkSizes = { default: 1000, least: 1, most: 10_000 } as const;

/** What baseline and doctor share: the tables, their rows, the trail, and the turns in which they may be compared. */
export class CheckRun {
  readonly tables: CheckedTables;
  readonly rows: LiveRows;
  readonly images: TrailImages;
  readonly chunkSize: number;
  /** The context of the flow that asked, for what the run records. */
  readonly context: string | null;
  readonly skipped: SkippedTable[] = [];
  private readonly turns: Turns;
  private readonly start = performance.now();
  private done = 0;
  private total = 0;

  /** @throws InvalidQueryError */
  constructor(
    label: string,
    readonly tools: CheckTools,
    private readonly options: CheckOptions,
  ) {
    const { capture, dialect, dataSource } = tools;
    this.chunkSize = wholeNumber('chunkSize', options.chunkSize, chunkSizes);
    const context = auditContext.current();
    this.context = context ? contextText(context, context.source) : null;
    this.tables = new CheckedTables(dialect, capture, dataSource);
    this.rows = new LiveRows(dialect.checkSql);
    this.images = new TrailImages(dialect.checkSql, dialect.storeSql);
    this.turns = new Turns(
      label,
      capture.connection,
      (engine) => this.drainSlice(engine),
      (slice) => tools.drained(slice),
    );
  }

  get durationMs(): number {
    return Math.round((performance.now() - this.start) * 1000) / 1000;
  }

  /** Drains, and finds the tables. @param size rows of a table to look at, asked only if somebody wants to know */
  async begin(size: (engine: Engine, table: CheckedTable) => number): Promise<string[]> {
    this.tools.capture.connection.assertOutside('This');
    await this.tools.flush();
    return this.turns.take((engine) => {
      const tables = this.tables.list(engine, this.options.entities);
      for (const name of this.options.onProgress ? tables : []) {
        const table = this.tables.look(engine, name);
        if (!('reason' in table)) this.total += size(engine, table);
      }
      return tables;
    });
  }

  /** One chunk in a turn of its own; undefined where the table can't be looked at, which is noted. */
  async turn<T>(name: string, fn: (engine: Engine, table: CheckedTable) => T): Promise<T | undefined> {
    try {
      return await this.turns.take((engine) => {
        const table = this.tables.look(engine, name);
        if (!('reason' in table)) return fn(engine, table);
        this.skip(name, table.reason);
        return undefined;
      });
    } catch (error) {
      if (!(error instanceof UnreadableKeyError)) throw error;
      this.skip(name, 'a key in it is no valid UTF-8');
      return undefined;
    }
  }

  /** What was recorded and can't be read, after a drain. */
  quarantined(limit: number): Promise<QuarantinedRecord[]> {
    return this.turns.take((engine) =>
      this.tools.quarantine.list(engine, limit).map(({ at, ...row }) => ({ ...row, at: new Date(at).toISOString() })),
    );
  }

  /** The map of an image, with the names that its columns have in the table today. */
  mapOf(engine: Engine, table: CheckedTable, mapId: number): TableMap {
    const { meta, plan } = this.tools.capture;
    return alignMap(meta.map(engine, mapId), table.map, plan.names);
  }

  progress(table: string, rows: number): void {
    this.done += rows;
    this.options.onProgress?.({ table, done: this.done, total: Math.max(this.total, this.done) });
  }

  private skip(table: string, reason: string): void {
    if (!this.skipped.some((other) => other.table === table)) this.skipped.push({ table, reason });
  }

  private drainSlice(engine: Engine): Slice {
    if (this.tools.capture.meta.areTablesThere(engine)) return this.tools.drainSlice(engine);
    throw new AuditSchemaMissingError('The audit tables are not there.');
  }
}

export function wholeNumber(
  name: string,
  value: number | undefined,
  range: { default: number; least: number; most: number },
): number {
  const number = value ?? range.default;
  if (Number.isInteger(number) && number >= range.least && number <= range.most) return number;
  throw new InvalidQueryError(`${name} must be a whole number from ${range.least} to ${range.most}.`, { value });
}
