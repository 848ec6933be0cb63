import { encodeValue, sameStored } from './codec';
import type { FieldChange, Operation } from './entry';
import type { Image } from './image';
import type { StoredRow } from './stored-value';
import type { TableMap } from './table-map';

/** What a trigger saw: the row before and after, as stored. A redacted column holds 1 for "changed", else 0. */
export interface RowChange {
  before: StoredRow | null;
  after: StoredRow | null;
}

/** A row change in the terms of the entity. */
export interface DescribedChange {
  entity: string;
  entityId: string | null;
  operation: Operation;
  before: Image | null;
  after: Image | null;
}

/** Turns the two images of a row into what they mean; derived from the images alone, so raw SQL is labelled as well. */
export function describeChange(map: TableMap, change: RowChange): DescribedChange {
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
export function changesNothing(map: TableMap, { before, after }: RowChange): boolean {
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

/** The class of a row, which of single-table inheritance its discriminator tells. */
export function entityOf(map: TableMap, image: Image): string {
  if (!map.discriminator) return map.entity;
  return map.discriminator.entities[String(image[map.discriminator.property])] ?? map.entity;
}

/** The key as one text: the value itself, or for a composite key a JSON object of its properties in column order. */
export function entityIdOf(map: TableMap, image: Image): string | null {
  const key = map.columns.filter((column) => column.primary);
  if (key.length === 0) return null;
  if (key.length === 1) return keyText(image[key[0]!.property]);
  return JSON.stringify(Object.fromEntries(key.map((column) => [column.property, image[column.property]])));
}

/** Text of one key value; what is not a plain value is written as JSON. */
export function keyText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}

/** A key given by an object of properties, in the same form. */
export function compositeKeyText(properties: readonly string[], key: object): string {
  const values = properties.map((property) => [property, (key as Record<string, unknown>)[property]] as const);
  return values.length === 1 ? keyText(values[0]![1]) : JSON.stringify(Object.fromEntries(values));
}

/** The fields that differ between two canonical images, in the order of the image. */
export function diffImages(before: Image | null, after: Image | null): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const field of new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])) {
    const was = before?.[field] ?? null;
    const is = after?.[field] ?? null;
    if (!sameCanonical(was, is)) changes.push({ field, before: was, after: is });
  }
  return changes;
}

/** Canonical values stand for stored bytes: in a JSON column the order of keys is part of them. */
function sameCanonical(a: unknown, b: unknown): boolean {
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  return JSON.stringify(a) === JSON.stringify(b);
}
