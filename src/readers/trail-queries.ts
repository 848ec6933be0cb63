import type { OtherLogs, TrailCheckSql } from '../dialect/check-sql';
import type { Engine } from '../dialect/engine';
import type { Condition, PortableScope, ReadSql } from '../dialect/store-sql';
import { AuditSchemaMissingError } from '../errors';
import type { AuditEntry } from '../model/entry';
import type { Image } from '../model/image';
import type { PortableEntry } from '../model/portable-entry';
import type { TableMap } from '../model/table-map';
import type { RecordedNames } from '../model/recorded-names';
import type { RowNames } from '../model/row-names';
import type { Dashboard, Freshness } from '../reports';
import { readHistory } from '../rows/row-history';
import { KeyLog, type RowKey } from '../rows/row-log';
import { readState } from '../rows/row-state';
import type { LastImages } from '../store/delivered-images';
import { EntryReader, type RecordedImage } from '../store/entry-reader';
import type { EntryFilter } from '../store/entry-search';
import { mapPrefix } from '../store/map-numbers';
import { MetaStore } from '../store/meta-store';
import { type Pending, pendingAhead, pendingIn } from '../store/outbox';
import { type BlockLimits, endOfBlock, PortableRows } from '../store/portable-rows';
import { RollupReader, type Summary } from '../store/rollup';
import { type ImageLimits, type LastImage, TrailImages } from '../store/trail-images';
import { buildDashboard } from './dashboard';

const latestShown = 10;

/** A page of entries to be read. */
export interface PageQuery {
  filter: EntryFilter;
  limit: number;
  reveal: ReadonlySet<string>;
  /** Milliseconds since 1970: whatever was recorded before has committed, or never will. */
  settledUpTo: number;
}

/** What is recorded and not in the audit database. */
export interface Waiting extends Pending {
  /** Those of the rows that are entries. */
  entries: number;
  /** What was recorded before has committed, or never will, milliseconds since 1970; null where the process itself knows it. */
  settledUpTo: number | null;
}

/** Some of a page. */
export interface PagePart {
  entries: AuditEntry[];
  /** The id below which there may be more of the page, null where that is all. */
  goOnBefore: number | null;
  reach: Freshness;
}

/**
 * What the trail is asked. A query is a function from plain data to plain data, so that it can run in another thread;
 * the caller has a read transaction around it.
 */
export class TrailQueries {
  private readonly meta: MetaStore;
  private readonly entries: EntryReader;
  private readonly rollups: RollupReader;
  private readonly portable = new PortableRows();

  private readonly sql: ReadSql;
  private readonly images: TrailImages;

  /** @param inTurns others wait meanwhile */
  constructor(
    { storeSql: sql, checkSql }: { storeSql: ReadSql; checkSql: TrailCheckSql },
    names: RecordedNames,
    private readonly inTurns: boolean,
  ) {
    this.sql = sql;
    this.meta = new MetaStore(sql);
    this.entries = new EntryReader(sql, this.meta, names);
    this.rollups = new RollupReader(sql, names);
    this.images = new TrailImages(checkSql, this.meta);
  }

  areTablesThere(engine: Engine): boolean {
    return this.meta.areTablesThere(engine);
  }

  /** @throws AuditSchemaMissingError where any of the audit tables is away: the drain would do nothing, and nobody notice */
  flush(engine: Engine): Pending {
    if (!this.areTablesThere(engine)) throw new AuditSchemaMissingError('The audit tables are not there.');
    return pendingIn(engine, this.sql);
  }

  stats(engine: Engine): { pending: Pending; summary: Summary } {
    return { pending: pendingIn(engine, this.sql), summary: this.rollups.summary(engine) };
  }

  /** What waits to be delivered to an audit database: entries, and rows of the outbox that will be some. */
  waiting(engine: Engine): Waiting {
    const outbox = pendingIn(engine, this.sql);
    const log = engine.execute(this.sql.selectWaiting).rows![0] as Omit<Waiting, 'entries' | 'settledUpTo'>;
    // Entries are older than what is still in the outbox.
    return {
      rows: log.rows + outbox.rows,
      entries: log.rows,
      newest: log.newest,
      since: log.since ?? (outbox.rows > 0 ? outbox.since : null),
      settledUpTo: outbox.heldMs === undefined ? null : outbox.since,
      quarantined: outbox.quarantined,
    };
  }

  /** The oldest of these entries; none does not mean that there is none, but `isEnd` does. */
  undelivered(engine: Engine, limits: BlockLimits): { entries: PortableEntry[]; isEnd: boolean } {
    const sizes = engine.execute(this.sql.selectCommittedSizes, [limits.entries]).rows;
    const last = endOfBlock(sizes as Record<string, unknown>[], limits);
    if (last === undefined) return { entries: [], isEnd: true };
    // Another process may have removed some since.
    return { entries: this.portableEntries(engine, 'committed', last), isEnd: false };
  }

  /** Entries that say what a row was at a moment, and what it is at last: all that these questions look at. */
  past(engine: Engine, { key, moment }: { key: RowKey; moment: Condition }): PortableEntry[] {
    const ids = new Set<number>();
    const reader = Object.create(this.entries) as EntryReader;
    reader.rows = (...asked) => {
      const rows = this.entries.rows(...asked);
      for (const { id } of rows) ids.add(id);
      return rows;
    };
    new KeyLog(reader, engine, key).last([]);
    readState(reader, engine, key, moment);
    return this.portableEntries(engine, 'listed', JSON.stringify([...ids]));
  }

  /** What entries of these logs say of rows at last. */
  lastImages(
    engine: Engine,
    { names, ids, ...limits }: ImageLimits & { names: RowNames; ids: readonly string[] },
  ): LastImages {
    const found = this.images.last(engine, names, ids, limits);
    const numbers = [...new Set(found.images.map(({ mapId }) => mapId))];
    return { ...found, maps: numbers.map((number) => [number, this.meta.map(engine, number)]) };
  }

  /** Places of those images whose row got another key in a later entry. */
  leftImages(
    engine: Engine,
    { names, images, logs }: { names: RowNames; images: readonly LastImage[]; logs: OtherLogs },
  ): number[] {
    const left = this.images.left(engine, names, images, logs);
    return [...images.keys()].filter((place) => left.has(images[place]!));
  }

  recordedIds(
    engine: Engine,
    { entity, after, limit, logs }: { entity: string; after: string | undefined; limit: number; logs: OtherLogs },
  ): { id: string; entries: number }[] {
    return this.images.ids(engine, entity, after, limit, logs);
  }

  countEntries(engine: Engine, { entities, logs }: { entities: readonly string[]; logs: OtherLogs }): number {
    return this.images.count(engine, entities, logs);
  }

  private portableEntries(engine: Engine, scope: PortableScope, parameter: unknown): PortableEntry[] {
    const rows = engine.execute(this.sql.selectPortable(scope), [parameter]).rows as Record<string, unknown>[];
    if (this.portable.lacksMaps(rows)) {
      const maps = engine.execute(this.sql.selectMetaLike, [`${mapPrefix}%`]).rows;
      this.portable.addMaps(maps as Record<string, unknown>[]);
    }
    return this.portable.entries(rows);
  }

  /** Logs whose entries are delivered from here: that of this database, and those that were moved into it before. */
  logs(engine: Engine): string[] {
    return [...new Set([this.meta.logId(engine), ...this.meta.deliveredLogs(engine)])];
  }

  /** Number of the same column map in this database, 0 where there is none. */
  mapId(engine: Engine, map: TableMap): number {
    const text = JSON.stringify(map);
    const same = [...this.meta.allMaps(engine)].find(([, other]) => JSON.stringify(other) === text);
    return same?.[0] ?? 0;
  }

  /** On the writing connection as much of it as a short turn finds, so that a filter that lets little through keeps nobody waiting. */
  recent(engine: Engine, { filter, limit, reveal, settledUpTo }: PageQuery): PagePart {
    const reach = this.freshness(engine, settledUpTo);
    const part = this.inTurns
      ? this.entries.selectPart(engine, filter, limit, reveal)
      : { entries: this.entries.select(engine, filter, limit, reveal), goOnBefore: null };
    return { ...part, reach: reach() };
  }

  dashboard(engine: Engine, { settledUpTo }: { settledUpTo: number }): Dashboard {
    // What commits later than this was asked may be in the answer, and what it says is there is.
    const reach = this.freshness(engine, settledUpTo);
    return {
      ...buildDashboard(engine, this.rollups, Date.now()),
      latest: this.entries.select(engine, {}, latestShown),
      ...reach(),
    };
  }

  history(
    engine: Engine,
    { key, filter, limit, reveal, settledUpTo }: PageQuery & { key: RowKey },
  ): Omit<PagePart, 'goOnBefore'> {
    const reach = this.freshness(engine, settledUpTo);
    const rows = readHistory(this.entries, engine, key, filter, limit);
    return { entries: this.entries.present(engine, rows, reveal), reach: reach() };
  }

  /** A row at a moment, as it was recorded, under which map, and as it is shown; null where it did not exist. */
  asOf(
    engine: Engine,
    { key, moment }: { key: RowKey; moment: Condition },
  ): { recorded: RecordedImage; map: TableMap; image: Image } | null {
    const { recorded } = readState(this.entries, engine, key, moment);
    if (!recorded) return null;
    return { recorded, map: this.meta.map(engine, recorded.mapId), image: this.entries.presentImage(engine, recorded) };
  }

  /** Of this moment, before anything else of an answer is asked: what commits in between is in the answer as well. */
  private freshness(engine: Engine, settledUpTo: number): () => Freshness {
    const pending = pendingAhead(engine, this.sql);
    return () => freshnessOf(pending(), settledUpTo);
  }
}

/** How far an answer reaches: up to what waits, and to what had settled wherever there may be more to come. */
export function freshnessOf({ rows, since }: Pick<Pending, 'rows' | 'since'>, ...settledUpTo: number[]): Freshness {
  const completeUpTo = Math.min(since ?? Infinity, ...settledUpTo);
  return { pendingCount: rows, completeUpTo: new Date(completeUpTo).toISOString() };
}

export type QueryName =
  | 'flush'
  | 'waiting'
  | 'undelivered'
  | 'past'
  | 'logs'
  | 'mapId'
  | 'lastImages'
  | 'leftImages'
  | 'recordedIds'
  | 'countEntries'
  | 'stats'
  | 'recent'
  | 'dashboard'
  | 'history'
  | 'asOf';
export type QueryArgument<Name extends QueryName> = Parameters<TrailQueries[Name]>[1];
export type QueryAnswer<Name extends QueryName> = ReturnType<TrailQueries[Name]>;
