import type { CheckSql } from '../dialect/check-sql';
import type { Engine } from '../dialect/engine';
import type { StoreSql } from '../dialect/store-sql';
import { idForms, type RowNames } from '../model/row-names';

/** What the trail says of a row at last. */
export interface LastImage {
  /** Id under which the row was looked for. */
  askedId: string;
  /** Id under which the entry has it, which differs where the name of a part of the key has changed. */
  entityId: string;
  entity: string;
  /** JSON text; null where the row was deleted. */
  after: string | null;
  /** Number of the column map of the image. */
  mapId: number;
  /** Number of the entry. */
  entry: number;
}

/** What the trail knows of the rows of a table, found by the index on entity and id. */
export class TrailImages {
  constructor(
    private readonly sql: CheckSql,
    private readonly store: StoreSql,
  ) {}

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
  known(engine: Engine, { entities, keys }: RowNames, ids: readonly string[]): Set<string> {
    const asked = askedIds(keys, ids);
    const parameters = [JSON.stringify([...asked.keys()]), ...entities];
    const rows = engine.selectStored(this.sql.selectKnown(entities.length), parameters, () => true);
    return new Set(rows.flatMap(([id]) => asked.get(id as string)!));
  }

  /** In the order of the ids; cut off, after at least one image, when about `maxBytes` are read. */
  last(
    engine: Engine,
    { entities, keys }: RowNames,
    ids: readonly string[],
    maxBytes = Infinity,
  ): { images: LastImage[]; isCut: boolean } {
    const asked = askedIds(keys, ids);
    // Where a key has several texts, all that is found of a row must be seen before it is known what is its last.
    const most = keys.length < 2 ? maxBytes : Infinity;
    let bytes = 0;
    const parameters = [JSON.stringify([...asked.keys()]), ...entities];
    const rows = engine.selectStored(this.sql.selectLast(entities.length), parameters, (row) => {
      bytes += (row[2] as string | null)?.length ?? 0;
      return bytes < most;
    });
    const images = new Map<string, LastImage>();
    for (const [entityId, entity, after, mapId, entry] of rows as [string, string, string | null, bigint, bigint][]) {
      for (const askedId of asked.get(entityId)!) {
        if (Number(entry) < (images.get(askedId)?.entry ?? 0)) continue;
        images.set(askedId, { askedId, entityId, entity, after, mapId: Number(mapId), entry: Number(entry) });
      }
    }
    return { images: [...images.values()], isCut: bytes >= most };
  }

  /** True where the row got another key in a later entry. */
  hasLeft(engine: Engine, { entities, keys }: RowNames, { entityId, entry }: LastImage): boolean {
    const ids = idForms(keys, entityId);
    return entities.some((entity) => ids.some((id) => engine.scalar(this.store.hasLeft, [entity, id, entry]) === 1));
  }

  /** Ids of an entity in their own order, each with its number of entries. */
  ids(engine: Engine, entity: string, after: string | undefined, limit: number): { id: string; entries: number }[] {
    const rows = engine.selectStored(this.sql.selectIds(after === undefined), [entity, after ?? '', limit], () => true);
    return rows.map(([id, entries]) => ({ id: id as string, entries: Number(entries) }));
  }
}

/** Every text that stands for some of the ids, with those, in the order of the ids. */
function askedIds(keys: RowNames['keys'], ids: readonly string[]): Map<string, string[]> {
  if (keys.length < 2) return new Map(ids.map((id) => [id, [id]]));
  const asked = new Map<string, string[]>();
  for (const id of ids) for (const form of idForms(keys, id)) asked.set(form, [...(asked.get(form) ?? []), id]);
  return asked;
}
