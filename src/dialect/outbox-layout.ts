import type { MappedColumn } from '../model/table-map';

/** Value columns of `audit_outbox`; a change with more values takes several rows, numbered by `part`. */
export const valuesPerRow = 32;

export const valueColumns: readonly string[] = Array.from({ length: valuesPerRow }, (_, index) => `v${index}`);

/** The images of a change in the order of the outbox's values: all before images, then all after images. */
export function valueOrder(
  columns: readonly MappedColumn[],
  operation: 'I' | 'U' | 'D',
): ['before' | 'after', MappedColumn][] {
  const before = columns.map((column): ['before', MappedColumn] => ['before', column]);
  const after = columns.map((column): ['after', MappedColumn] => ['after', column]);
  if (operation === 'I') return after;
  return operation === 'D' ? before : [...before, ...after];
}
