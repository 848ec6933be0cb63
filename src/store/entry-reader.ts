import type { Engine } from '../dialect/engine';
import type { StoreSql } from '../dialect/store-sql';
import { InvalidQueryError } from '../errors';
import { diffImages } from '../model/change';
import type { AuditEntry, Operation } from '../model/entry';
import type { Image } from '../model/image';
import type { TableMap } from '../model/table-map';
import { type EntryFilter, EntrySearch } from './entry-search';
import type { MetaStore } from './meta-store';

interface EntryRow {
  id: number;
  log_id: string;
  seq: number | null;
  transaction_id: string;
  entity: string;
  table_name: string;
  entity_id: string | null;
  operation: Operation;
  before_image: string | null;
  after_image: string | null;
  schema_version: number;
  recorded_at: number;
  actor: string | null;
  reason: string | null;
  correlation_id: string | null;
  source: string | null;
  metadata: string | null;
}

/** Reads entries by key, newest first, and masks what a reader did not ask to see. */
export class EntryReader {
  private readonly search: EntrySearch;

  constructor(
    sql: StoreSql,
    private readonly meta: MetaStore,
  ) {
    this.search = new EntrySearch(sql);
  }

  /** All that the filter lets through, up to the limit, however long it takes. */
  select(engine: Engine, filter: EntryFilter, limit: number, reveal?: ReadonlySet<string>): AuditEntry[] {
    const entries: AuditEntry[] = [];
    for (let beforeId = filter.beforeId; ;) {
      const part = this.selectPart(engine, { ...filter, beforeId }, limit - entries.length, reveal);
      entries.push(...part.entries);
      if (part.goOnBefore === null) return entries;
      beforeId = part.goOnBefore;
    }
  }

  /**
   * As much of it as a short turn finds.
   * @param reveal `Entity.property` of masked columns whose values are shown
   * @returns `goOnBefore`: the id below which there may be more, null where nothing more is wanted or there
   */
  selectPart(
    engine: Engine,
    filter: EntryFilter,
    limit: number,
    reveal: ReadonlySet<string> = new Set(),
  ): { entries: AuditEntry[]; goOnBefore: number | null } {
    this.checkReveal(engine, reveal);
    const { rows, goOnBefore } = this.search.part(engine, filter, limit);
    return { entries: (rows as EntryRow[]).map((row) => this.toEntry(engine, row, reveal)), goOnBefore };
  }

  /** A misspelt name would otherwise be answered with a masked value, as if there were no right to see it. */
  private checkReveal(engine: Engine, reveal: ReadonlySet<string>): void {
    if (reveal.size === 0) return;
    const known = new Set([...this.meta.allMaps(engine).values()].flatMap(maskedNames));
    for (const name of reveal) {
      if (!known.has(name)) throw new InvalidQueryError(`There is no masked column "${name}".`, { value: name });
    }
  }

  private toEntry(engine: Engine, row: EntryRow, reveal: ReadonlySet<string>): AuditEntry {
    const map = row.schema_version > 0 ? this.meta.map(engine, row.schema_version) : undefined;
    const before = row.before_image === null ? null : (JSON.parse(row.before_image) as Image);
    const after = row.after_image === null ? null : (JSON.parse(row.after_image) as Image);
    const hidden = map ? maskedProperties(map, row.entity, reveal) : [];
    const changes = diffImages(before, after).map((change) =>
      hidden.includes(change.field) ? { ...change, before: mask(change.before), after: mask(change.after) } : change,
    );
    for (const image of [before, after]) {
      for (const property of hidden) if (image && property in image) image[property] = mask(image[property]);
    }
    return {
      id: row.id,
      logId: row.log_id,
      seq: row.seq ?? row.id,
      transactionId: row.transaction_id,
      entity: row.entity,
      table: row.table_name,
      entityId: row.entity_id,
      operation: row.operation,
      before,
      after,
      changes,
      actor: row.actor,
      reason: row.reason,
      correlationId: row.correlation_id,
      source: row.source,
      metadata: row.metadata === null ? null : (JSON.parse(row.metadata) as Record<string, unknown>),
      schemaVersion: row.schema_version,
      recordedAt: new Date(row.recorded_at).toISOString(),
    };
  }
}

/** `Entity.property` of every masked column, for each class that shares the table. */
function maskedNames(map: TableMap): string[] {
  const entities = [map.entity, ...Object.values(map.discriminator?.entities ?? {})];
  const masked = map.columns.filter((column) => column.masked);
  return entities.flatMap((entity) => masked.map(({ property }) => `${entity}.${property}`));
}

function maskedProperties(map: TableMap, entity: string, reveal: ReadonlySet<string>): string[] {
  return map.columns
    .filter(({ masked, property }) => masked && !reveal.has(`${entity}.${property}`))
    .map(({ property }) => property);
}

/** That there is no value is no secret worth hiding, and tells a missing value from a masked one. */
function mask(value: unknown): unknown {
  return value === null || value === undefined ? null : { $masked: true };
}
