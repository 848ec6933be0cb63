import type { OtherLogs, TrailCheckSql } from '../dialect/check-sql';
import type { Engine } from '../dialect/engine';
import { idForms, type RowNames } from '../model/row-names';
import { CanonicalImages } from './canonical-images';
import type { MetaStore } from './meta-store';

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
  /** Where it was made, if that was in another log, whose database may write the same values in another form. */
  origin: { logId: string; seq: number } | null;
}

/** What is looked at. */
export interface ImageLimits {
  /** About so much is read. */
  maxBytes?: number | undefined;
  /** Entries of these other logs alone. */
  logs?: OtherLogs;
}

/** Where a check finds what the trail knows of rows. */
export interface ImageSource {
  /** The last images, in the order of the ids; cut off, after at least one image, when about `maxBytes` are read. */
  last(
    engine: Engine,
    names: RowNames,
    ids: readonly string[],
    limits?: ImageLimits,
  ): { images: LastImage[]; isCut: boolean };
  /** Those of the images whose row got another key in a later entry. */
  left(engine: Engine, names: RowNames, images: readonly LastImage[]): Set<LastImage>;
  /** Ids of an entity in their own order, each with its number of entries. */
  ids(engine: Engine, entity: string, after: string | undefined, limit: number): { id: string; entries: number }[];
}

/** What the trail knows of the rows of a table, found by the index on entity and id. */
export class TrailImages implements ImageSource {
  private readonly images: CanonicalImages;

  constructor(
    private readonly sql: TrailCheckSql,
    meta: MetaStore,
  ) {
    this.images = new CanonicalImages(meta);
  }

  count(engine: Engine, entities: readonly string[], logs?: OtherLogs): number {
    const { sql, parameters } = this.sql.countEntries(entities, logs);
    return Number(engine.scalar(sql, parameters));
  }

  last(
    engine: Engine,
    { entities, keys }: RowNames,
    ids: readonly string[],
    { maxBytes = Infinity, logs }: ImageLimits = {},
  ): { images: LastImage[]; isCut: boolean } {
    const asked = askedIds(keys, ids);
    // Where a key has several texts, all that is found of a row must be seen before it is known what is its last.
    const most = keys.length < 2 ? maxBytes : Infinity;
    let bytes = 0;
    const found: Found[] = [];
    for (const part of this.parts([...asked.keys()])) {
      const { sql, parameters } = this.sql.selectLast(part, entities, logs);
      const rows = engine.selectStored(sql, parameters, (row) => {
        bytes += (row[2] as string | null)?.length ?? 0;
        return bytes < most;
      });
      found.push(...(rows as unknown as Found[]));
      if (bytes >= most) break;
    }
    const images = new Map<string, LastImage>();
    for (const [entityId, entity, text, mapId, entry, codec, logId, seq] of found) {
      for (const askedId of asked.get(entityId)!) {
        if (Number(entry) < (images.get(askedId)?.entry ?? 0)) continue;
        const after = text && this.images.of(engine, Number(mapId), Number(codec), text);
        images.set(askedId, {
          ...{ askedId, entityId, entity, after },
          ...{
            mapId: Number(mapId),
            entry: Number(entry),
            origin: logId === null ? null : { logId, seq: Number(seq) },
          },
        });
      }
    }
    return { images: [...images.values()], isCut: bytes >= most };
  }

  left(engine: Engine, { entities, keys }: RowNames, images: readonly LastImage[], logs?: OtherLogs): Set<LastImage> {
    const asked = images.flatMap((image) => idForms(keys, image.entityId).map((id) => ({ image, id })));
    const left = this.parts(asked).flatMap((part) => {
      const ids = part.map(({ image, id }) => [id, image.entry] as const);
      const { sql, parameters } = this.sql.selectLeft(ids, entities, logs);
      return engine.selectStored(sql, parameters, () => true).map(([place]) => part[Number(place)]!.image);
    });
    return new Set(left);
  }

  private parts<T>(ids: readonly T[]): T[][] {
    const { mostIds } = this.sql;
    const parts: T[][] = [];
    for (let start = 0; start < ids.length; start += mostIds) parts.push(ids.slice(start, start + mostIds));
    return parts;
  }

  ids(
    engine: Engine,
    entity: string,
    after: string | undefined,
    limit: number,
    logs?: OtherLogs,
  ): { id: string; entries: number }[] {
    const { sql, parameters } = this.sql.selectIds(entity, after, limit, logs);
    return engine
      .selectStored(sql, parameters, () => true)
      .map(([id, entries]) => ({ id: id as string, entries: Number(entries) }));
  }
}

/** Id, entity, image, column map, entry, form of the image, and the other log that it was made in with its number there. */
type Found = [
  ...[entityId: string, entity: string, image: string | null],
  ...[mapId: Whole, entry: Whole, codec: Whole],
  ...[logId: string | null, seq: Whole | null],
];
type Whole = bigint | number;

/** Every text that stands for some of the ids, with those, in the order of the ids. */
export function askedIds(keys: RowNames['keys'], ids: readonly string[]): Map<string, string[]> {
  if (keys.length < 2) return new Map(ids.map((id) => [id, [id]]));
  const asked = new Map<string, string[]>();
  for (const id of ids) for (const form of idForms(keys, id)) asked.set(form, [...(asked.get(form) ?? []), id]);
  return asked;
}
