import { performance } from 'node:perf_hooks';
import { auditContext } from '../capture/audit-context';
import type { Engine } from '../dialect/engine';
import { InvalidQueryError } from '../errors';
import { contextText } from '../model/context';
import { alignMap } from '../model/row-names';
import type { TableMap } from '../model/table-map';
import type { CheckOptions, SkippedTable } from '../reports';
import type { NewEntry } from '../store/entry-writer';
import { UnreadableKeyError } from '../store/live-rows';
import type { ImageSource } from '../store/trail-images';
import type { CheckTools, RowSource } from './check-tools';
import type { CheckedTable } from './checked-table';
import { CheckedTables } from './checked-tables';
import type { Finding } from './compare-row';
import type { FindingChunk } from './findings';

/** Beyond the first row a chunk holds about so many bytes of values. */
export const chunkBytes = 1_000_000;
const chunkSizes = { default: 1000, least: 1, most: 10_000 } as const;

/** What baseline and doctor share: the tables, their rows, the trail, and the turns in which they may be compared. */
export class CheckRun {
  readonly tables: CheckedTables;
  readonly rows: RowSource;
  readonly images: ImageSource;
  readonly chunkSize: number;
  /** The context of the flow that asked, for what the run records. */
  readonly context: string | null;
  readonly skipped: SkippedTable[] = [];
  private readonly start = performance.now();
  private done = 0;
  private total = 0;

  /** @throws InvalidQueryError */
  constructor(
    readonly tools: CheckTools,
    private readonly options: CheckOptions,
  ) {
    const { mostRows = Infinity } = tools;
    this.chunkSize = Math.min(wholeNumber('chunkSize', options.chunkSize, chunkSizes), mostRows);
    const context = auditContext.current();
    this.context = context ? contextText(context, context.source) : null;
    this.tables = new CheckedTables(tools);
    this.rows = tools.rows;
    this.images = tools.images;
  }

  get durationMs(): number {
    return Math.round((performance.now() - this.start) * 1000) / 1000;
  }

  /** Drains, and finds the tables. @param size rows of a table to look at, asked only if somebody wants to know */
  async begin(size: (engine: Engine, table: CheckedTable) => number): Promise<string[]> {
    const { turns, meta, knowsDelivered } = this.tools;
    await turns.begin();
    const { tables, total } = await turns.take((engine) => {
      if (!knowsDelivered) meta.assertWhole(engine);
      const tables = this.tables.list(engine, this.options.entities);
      let total = 0;
      for (const name of this.options.onProgress ? tables : []) {
        const table = this.tables.look(engine, name);
        if (!('reason' in table)) total += size(engine, table);
      }
      return { tables, total };
    });
    this.total = total;
    return tables;
  }

  /** There is more to look at than rows of tables. @param size asked only if somebody wants to know */
  async expect(size: () => Promise<number>): Promise<void> {
    if (this.options.onProgress) this.total += await size();
  }

  /** One chunk in a turn of its own; undefined where the table can't be looked at, which is noted. */
  turn<T>(name: string, fn: (engine: Engine, table: CheckedTable) => T): Promise<T | undefined> {
    return this.readable(name, () => this.tools.turns.take((engine) => this.lookAt(engine, name, fn)));
  }

  /** The same for a chunk of findings, which are recorded as these entries. */
  examine<Chunk extends FindingChunk<unknown>>(
    name: string,
    look: (engine: Engine, table: CheckedTable) => Chunk,
    entriesOf: ((findings: readonly Finding[]) => NewEntry[]) | undefined,
  ): Promise<Chunk | undefined> {
    const { turns } = this.tools;
    return this.readable(name, () => turns.examine((engine) => this.lookAt(engine, name, look), entriesOf));
  }

  /** The map of an image, with the names that its columns have in the table today. */
  mapOf(engine: Engine, table: CheckedTable, mapId: number): TableMap {
    const { meta, names } = this.tools;
    return alignMap(meta.map(engine, mapId), table.map, names);
  }

  progress(table: string, rows: number): void {
    this.done += rows;
    this.options.onProgress?.({ table, done: this.done, total: Math.max(this.total, this.done) });
  }

  skip(table: string, reason: string): void {
    if (!this.skipped.some((other) => other.table === table)) this.skipped.push({ table, reason });
  }

  /** The table as it is now; undefined where it can not be looked at, which is noted. */
  lookAt<T>(engine: Engine, name: string, fn: (engine: Engine, table: CheckedTable) => T): T | undefined {
    const table = this.tables.look(engine, name);
    if (!('reason' in table)) return fn(engine, table);
    this.skip(name, table.reason);
    return undefined;
  }

  private async readable<T>(name: string, turn: () => Promise<T | undefined>): Promise<T | undefined> {
    try {
      return await turn();
    } catch (error) {
      if (!(error instanceof UnreadableKeyError)) throw error;
      this.skip(name, 'a key in it is no valid UTF-8');
      return undefined;
    }
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
