import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { compositeKeyText } from '../model/change';

/**
 * The texts by which entries may name the row that has a key, the likeliest first.
 * @param id the value of the key, or an object of its properties
 * @param formsOf what entries may call a value
 */
export function keyTexts(
  columns: readonly ColumnMetadata[],
  id: unknown,
  formsOf: (column: ColumnMetadata, value: unknown) => unknown[] = (_, value) => [value],
): string[] {
  const forms = keyValues(columns, id).map((value, place) => formsOf(columns[place]!, value));
  const count = Math.max(1, ...forms.map(({ length }) => length));
  const texts = Array.from({ length: count }, (_, form) => {
    return textOf(
      columns,
      forms.map((values) => values[form] ?? values[0]),
    );
  });
  return [...new Set(texts)];
}

/** Values of a key in the order of its columns. */
export function keyValues(columns: readonly ColumnMetadata[], id: unknown): unknown[] {
  const isObject = typeof id === 'object' && id !== null && !Buffer.isBuffer(id);
  return columns.map(({ propertyPath }) => (isObject ? (id as Record<string, unknown>)[propertyPath] : id));
}

export function textOf(columns: readonly ColumnMetadata[], values: readonly unknown[]): string {
  return compositeKeyText(columns.map(({ propertyPath }, place) => [propertyPath, values[place]]));
}
