import type { Engine } from '../dialect/engine';
import type { Condition, EntryIndex, ReadSql } from '../dialect/store-sql';
import { InvalidQueryError } from '../errors';
import { diffImages } from '../model/change';
import type { AuditEntry, Operation } from '../model/entry';
import type { Image } from '../model/image';
import { type RecordedNames, renameImage } from '../model/recorded-names';
import { classesOf, idForms, idOfToday, type RowNames, rowNamesOf } from '../model/row-names';
import type { TableMap } from '../model/table-map';
import { triggerCodec } from '../model/trigger-image';
import { withSmallUuids } from '../model/uuid';
import { CanonicalImages } from './canonical-images';
import { type EntryFilter, EntrySearch, rowConditions } from './entry-search';
import type { MetaStore } from './meta-store';

/** An entry as the table has it. */
export interface EntryRow {
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
  /** Id before an update that gave the row another key. */
  moved_from: string | null;
  /** Form of the images; without it they are canonical. */
  codec?: number | undefined;
  actor: string | null;
  reason: string | null;
  correlation_id: string | null;
  source: string | null;
  metadata: string | null;
}

/** An image as it was recorded, JSON text. */
export interface RecordedImage {
  image: string;
  entity: string;
  mapId: number;
}

/** `Entity.property` of masked columns whose values are shown. */
export type Revealed = ReadonlySet<string>;

const revealNothing: Revealed = new Set();

/** Reads entries, shows them under the names of today, and masks what a reader did not ask to see. */
export class EntryReader {
  private readonly search: EntrySearch;
  private readonly images: CanonicalImages;

  constructor(
    private readonly sql: ReadSql,
    private readonly meta: MetaStore,
    private readonly names: RecordedNames,
  ) {
    this.search = new EntrySearch(sql, names);
    this.images = new CanonicalImages(meta);
  }

  /** All that the filter lets through, up to the limit, however long it takes. */
  select(engine: Engine, filter: EntryFilter, limit: number, reveal?: Revealed): AuditEntry[] {
    const entries: AuditEntry[] = [];
    for (let beforeId = filter.beforeId; ;) {
      const part = this.selectPart(engine, { ...filter, beforeId }, limit - entries.length, reveal);
      entries.push(...part.entries);
      if (part.goOnBefore === null) return entries;
      beforeId = part.goOnBefore;
    }
  }

  /** As they are in the table, found by an index. */
  rows(
    engine: Engine,
    index: EntryIndex,
    conditions: readonly Condition[],
    limit: number,
    direction: 'ASC' | 'DESC',
  ): EntryRow[] {
    const values = [...conditions.flatMap((condition) => condition.values), limit];
    const { rows } = engine.execute(this.sql.selectEntries(conditions, index, direction), values);
    return this.canonical(engine, rows as EntryRow[]);
  }

  /** Images that triggers wrote in a form of their own in the canonical one. */
  private canonical(engine: Engine, rows: EntryRow[]): EntryRow[] {
    for (const row of rows) {
      if (row.codec !== triggerCodec) continue;
      const canonical = (text: string) => this.images.of(engine, row.schema_version, row.codec, text);
      row.before_image &&= canonical(row.before_image);
      row.after_image &&= canonical(row.after_image);
      row.codec = undefined;
    }
    return rows;
  }

  /** As they are shown. @throws InvalidQueryError for a column to reveal that is not there */
  present(engine: Engine, rows: readonly EntryRow[], reveal: Revealed): AuditEntry[] {
    this.checkReveal(engine, reveal);
    return rows.map((row) => this.toEntry(engine, row, reveal));
  }

  /** Conditions of a filter, its entity and id aside. */
  conditions(filter: EntryFilter): Condition[] {
    return rowConditions(filter, this.names, this.sql);
  }

  /** How the log names the rows of a table. */
  rowNames(engine: Engine, table: string): RowNames {
    return rowNamesOf(table, this.meta.allMaps(engine).values(), this.names);
  }

  /** An image under the names of today, masked like entries. */
  presentImage(engine: Engine, { image, entity, mapId }: RecordedImage): Image {
    const map = this.meta.map(engine, mapId);
    const shown = this.toImage(map, image)!;
    maskProperties(shown, this.hiddenProperties(map, entity, revealNothing));
    return shown;
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
    reveal = revealNothing,
  ): { entries: AuditEntry[]; goOnBefore: number | null } {
    const { rows, goOnBefore } = this.search.part(engine, this.alternatives(engine, filter), limit);
    return { entries: this.present(engine, this.canonical(engine, rows as EntryRow[]), reveal), goOnBefore };
  }

  /** The filter under every name of its entity, and every text of the key that it names. */
  private alternatives(engine: Engine, filter: EntryFilter): EntryFilter[] {
    const { entity, entityId } = filter;
    if (entity === undefined) return [filter];
    const recorded = this.names.entities(entity);
    const ids = entityId === undefined ? [undefined] : this.idForms(engine, recorded, entityId);
    return recorded.flatMap((name) =>
      ids.map((id) => ({ ...filter, entity: name, ...(id !== undefined && { entityId: id }) })),
    );
  }

  private idForms(engine: Engine, recorded: readonly string[], id: string): string[] {
    if (!id.startsWith('{')) return withSmallUuids(id);
    const maps = [...this.meta.allMaps(engine).values()];
    const tables = maps.filter((map) => classesOf(map).some((name) => recorded.includes(name)));
    const keys = tables.flatMap(({ table }) => rowNamesOf(table, maps, this.names).keys);
    return [...new Set(idForms(keys, id).flatMap(withSmallUuids))];
  }

  /** A misspelt name would otherwise be answered with a masked value, as if there were no right to see it. */
  private checkReveal(engine: Engine, reveal: Revealed): void {
    if (reveal.size === 0) return;
    const known = new Set([...this.meta.allMaps(engine).values()].flatMap((map) => this.maskedNames(map)));
    for (const name of reveal) {
      if (!known.has(name)) throw new InvalidQueryError(`There is no masked column "${name}".`, { value: name });
    }
  }

  private toEntry(engine: Engine, row: EntryRow, reveal: Revealed): AuditEntry {
    const map = row.schema_version > 0 ? this.meta.map(engine, row.schema_version) : undefined;
    const hidden = map ? this.hiddenProperties(map, row.entity, reveal) : [];
    const [before, after] = [row.before_image, row.after_image].map((text) => this.toImage(map, text));
    const changes = diffImages(before!, after!).map((change) =>
      hidden.includes(change.field) ? { ...change, before: mask(change.before), after: mask(change.after) } : change,
    );
    for (const image of [before, after]) if (image) maskProperties(image, hidden);
    return {
      id: row.id,
      logId: row.log_id,
      seq: row.seq ?? row.id,
      transactionId: row.transaction_id,
      entity: this.names.entity(row.entity),
      table: row.table_name,
      entityId: map ? idOfToday(map, row.entity_id, this.names) : row.entity_id,
      operation: row.operation,
      before: before!,
      after: after!,
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

  /** Under the names of today, nothing masked. */
  private toImage(map: TableMap | undefined, text: string | null): Image | null {
    if (text === null) return null;
    const image = JSON.parse(text) as Image;
    return map ? renameImage(image, this.names.properties(map)) : image;
  }

  /** `Entity.property` of every masked column, for each class that shares the table, under all names of both. */
  private maskedNames(map: TableMap): string[] {
    const masked = map.columns.filter((column) => column.masked);
    return classesOf(map).flatMap((entity) =>
      masked.flatMap(({ property }) => this.columnNames(map, entity, property)),
    );
  }

  /** What is masked for this reader, under the names of today. */
  private hiddenProperties(map: TableMap, entity: string, reveal: Revealed): string[] {
    const today = this.names.properties(map);
    return map.columns
      .filter(
        ({ masked, property }) => masked && !this.columnNames(map, entity, property).some((name) => reveal.has(name)),
      )
      .map(({ property }) => today.get(property) ?? property);
  }

  private columnNames(map: TableMap, entity: string, property: string): string[] {
    const properties = new Set([property, this.names.properties(map).get(property) ?? property]);
    return this.names.entities(entity).flatMap((name) => [...properties].map((path) => `${name}.${path}`));
  }
}

function maskProperties(image: Image, hidden: readonly string[]): void {
  for (const property of hidden) if (property in image) image[property] = mask(image[property]);
}

/** That there is no value is no secret worth hiding, and tells a missing value from a masked one. */
function mask(value: unknown): unknown {
  return value === null || value === undefined ? null : { $masked: true };
}
