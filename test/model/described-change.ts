import { entityIdOf, entityOf } from '../../src/model/change';
import { encodeValue, sameStored } from '../../src/model/codec';
import type { Operation } from '../../src/model/entry';
import type { Image } from '../../src/model/image';
import type { StoredValue } from '../../src/model/stored-value';
import type { TableMap } from '../../src/model/table-map';

// What a change means, said image by image: slower than the text that the drain writes, and easier to believe.

/** A row as stored, keyed by property path. */
export type StoredRow = Record<string, StoredValue>;

export interface StoredChange {
  before: StoredRow | null;
  after: StoredRow | null;
}

interface DescribedChange {
  entity: string;
  entityId: string | null;
  operation: Operation;
  before: Image | null;
  after: Image | null;
}

/** Turns the two images of a row into what they mean; derived from the images alone, so raw SQL is labelled as well. */
export function describeChange(map: TableMap, change: StoredChange): DescribedChange {
  const before = change.before && encodeImage(map, change.before, false);
  const after = change.after && encodeImage(map, change.after, change.before !== null);
  const image = after ?? before ?? {};
  return {
    entity: entityOf(map, image),
    entityId: entityIdOf(map, image),
    operation: operationOf(map, before, after),
    before,
    after,
  };
}

/** True for an update whose images are the same bytes: a trigger can't tell 0.0 from -0.0 and records both. */
export function changesNothing(map: TableMap, { before, after }: StoredChange): boolean {
  if (!before || !after) return false;
  return map.columns.every(({ property, redacted }) => {
    const is = after[property] ?? null;
    return redacted ? is !== 1n : sameStored(before[property] ?? null, is);
  });
}

function encodeImage(map: TableMap, row: StoredRow, isUpdate: boolean): Image {
  // Without a prototype, so that a column may have any name.
  const image = Object.create(null) as Image;
  for (const column of map.columns) {
    const value = row[column.property] ?? null;
    if (!column.redacted) image[column.property] = encodeValue(column.kind, value);
    else image[column.property] = isUpdate && value === 1n ? { $redacted: true, changed: true } : { $redacted: true };
  }
  return image;
}

function operationOf(map: TableMap, before: Image | null, after: Image | null): Operation {
  if (!before) return map.junction ? 'link' : 'insert';
  if (!after) return map.junction ? 'unlink' : 'delete';
  if (map.deleteDate !== undefined) {
    const wasDeleted = before[map.deleteDate] !== null;
    const isDeleted = after[map.deleteDate] !== null;
    if (!wasDeleted && isDeleted) return 'soft_delete';
    if (wasDeleted && !isDeleted) return 'restore';
  }
  return 'update';
}
