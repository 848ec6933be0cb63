import type { Engine } from '../dialect/engine';
import type { Condition, ReadSql } from '../dialect/store-sql';
import { AuditSchemaMissingError } from '../errors';
import type { AuditEntry } from '../model/entry';
import type { Image } from '../model/image';
import type { RecordedNames } from '../model/recorded-names';
import type { Dashboard, Freshness } from '../reports';
import { readHistory } from '../rows/row-history';
import type { RowKey } from '../rows/row-log';
import { readState } from '../rows/row-state';
import { EntryReader, type RecordedImage } from '../store/entry-reader';
import type { EntryFilter } from '../store/entry-search';
import { MetaStore } from '../store/meta-store';
import { type Pending, pendingIn } from '../store/outbox';
import { RollupReader, type Summary } from '../store/rollup';
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

  /** @param inTurns others wait meanwhile */
  constructor(
    private readonly sql: ReadSql,
    names: RecordedNames,
    private readonly inTurns: boolean,
  ) {
    this.meta = new MetaStore(sql);
    this.entries = new EntryReader(sql, this.meta, names);
    this.rollups = new RollupReader(sql, names);
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

  /** On the writing connection as much of it as a short turn finds, so that a filter that lets little through keeps nobody waiting. */
  recent(engine: Engine, { filter, limit, reveal, settledUpTo }: PageQuery): PagePart {
    const reach = this.freshness(engine, settledUpTo);
    if (this.inTurns) return { reach, ...this.entries.selectPart(engine, filter, limit, reveal) };
    return { reach, entries: this.entries.select(engine, filter, limit, reveal), goOnBefore: null };
  }

  dashboard(engine: Engine, { settledUpTo }: { settledUpTo: number }): Dashboard {
    return {
      ...buildDashboard(engine, this.rollups, Date.now()),
      latest: this.entries.select(engine, {}, latestShown),
      ...this.freshness(engine, settledUpTo),
    };
  }

  history(
    engine: Engine,
    { key, filter, limit, reveal, settledUpTo }: PageQuery & { key: RowKey },
  ): Omit<PagePart, 'goOnBefore'> {
    const reach = this.freshness(engine, settledUpTo);
    const rows = readHistory(this.entries, engine, key, filter, limit);
    return { reach, entries: this.entries.present(engine, rows, reveal) };
  }

  /** A row at a moment, as it was recorded and as it is shown; null where it did not exist. */
  asOf(
    engine: Engine,
    { key, moment }: { key: RowKey; moment: Condition },
  ): { recorded: RecordedImage; image: Image } | null {
    const { recorded } = readState(this.entries, engine, key, moment);
    return recorded && { recorded, image: this.entries.presentImage(engine, recorded) };
  }

  private freshness(engine: Engine, settledUpTo: number): Freshness {
    const { rows, since } = pendingIn(engine, this.sql);
    const completeUpTo = Math.min(since ?? Infinity, settledUpTo);
    return { pendingCount: rows, completeUpTo: new Date(completeUpTo).toISOString() };
  }
}

export type QueryName = 'flush' | 'stats' | 'recent' | 'dashboard' | 'history' | 'asOf';
export type QueryArgument<Name extends QueryName> = Parameters<TrailQueries[Name]>[1];
export type QueryAnswer<Name extends QueryName> = ReturnType<TrailQueries[Name]>;
