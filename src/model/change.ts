import type { FieldChange } from './entry';
import type { Image } from './image';
import type { StoredValue } from './stored-value';
import type { TableMap } from './table-map';

/**
 * What a trigger saw: the row before and after, as stored, in the order of the map's columns. In place of the value of a
 * redacted column an image after an update has 1 where it changed, and any other has null.
 */
export interface RowChange {
  before: readonly StoredValue[] | null;
  after: readonly StoredValue[] | null;
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

/** A key given by its properties, in the same form. */
export function compositeKeyText(key: readonly (readonly [property: string, value: unknown])[]): string {
  return key.length === 1 ? keyText(key[0]![1]) : JSON.stringify(Object.fromEntries(key));
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
