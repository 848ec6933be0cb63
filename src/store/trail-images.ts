import type { CheckSql } from '../dialect/check-sql';
import type { Engine } from '../dialect/engine';

/** What the trail says of a row at last. */
export interface LastImage {
  entityId: string;
  entity: string;
  /** JSON text; null where the row was deleted. */
  after: string | null;
  /** Number of the column map of the image. */
  mapId: number;
  /** Number of the entry. */
  entry: number;
}

/** A change after which a row has another key. */
export interface KeyChange {
  entry: number;
  /** Id of the row after it. */
  entityId: string;
  /** Image before it, as JSON text. */
  before: string;
  mapId: number;
}

/** What the trail knows of the rows of a table, found by the index on entity and id. */
export class TrailImages {
  constructor(private readonly sql: CheckSql) {}

  hasEntries(engine: Engine, entities: readonly string[]): boolean {
    return engine.scalar(this.sql.hasEntries(entities.length), entities) === 1;
  }

  /** Highest id of an entry, 0 without one. */
  newestEntry(engine: Engine): number {
    return Number(engine.scalar(this.sql.newestEntry));
  }

  count(engine: Engine, entities: readonly string[]): number {
    return Number(engine.scalar(this.sql.countEntries(entities.length), entities));
  }

  /** Those of the ids that have an entry. */
  known(engine: Engine, entities: readonly string[], ids: readonly string[]): Set<string> {
    const parameters = [JSON.stringify(ids), ...entities];
    const rows = engine.selectStored(this.sql.selectKnown(entities.length), parameters, () => true);
    return new Set(rows.map(([id]) => id as string));
  }

  /** In the order of the ids; cut off, after at least one image, when about `maxBytes` are read. */
  last(
    engine: Engine,
    entities: readonly string[],
    ids: readonly string[],
    maxBytes = Infinity,
  ): { images: LastImage[]; isCut: boolean } {
    let bytes = 0;
    const parameters = [JSON.stringify(ids), ...entities];
    const rows = engine.selectStored(this.sql.selectLast(entities.length), parameters, (row) => {
      bytes += (row[2] as string | null)?.length ?? 0;
      return bytes < maxBytes;
    });
    const images = rows.map(([entityId, entity, after, mapId, entry]) => ({
      entityId: entityId as string,
      entity: entity as string,
      after: after as string | null,
      mapId: Number(mapId),
      entry: Number(entry),
    }));
    return { images, isCut: bytes >= maxBytes };
  }

  /** Changes of the key among the entries above `from`, up to `to`; of some only the name of a field suggests it. */
  keyChanges(
    engine: Engine,
    entities: readonly string[],
    properties: readonly string[],
    [from, to]: readonly [number, number],
  ): KeyChange[] {
    const sql = this.sql.selectKeyChanges(entities.length, properties.length);
    const names = properties.map((property) => JSON.stringify(property));
    const rows = engine.selectStored(sql, [from, to, ...entities, ...names], () => true);
    return rows.map(([entry, entityId, before, mapId]) => ({
      entry: Number(entry),
      entityId: entityId as string,
      before: before as string,
      mapId: Number(mapId),
    }));
  }

  /** Ids of an entity in their own order, each with its number of entries. */
  ids(engine: Engine, entity: string, after: string | undefined, limit: number): { id: string; entries: number }[] {
    const rows = engine.selectStored(this.sql.selectIds(after === undefined), [entity, after ?? '', limit], () => true);
    return rows.map(([id, entries]) => ({ id: id as string, entries: Number(entries) }));
  }
}
