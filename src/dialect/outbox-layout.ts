import type { MappedColumn } from '../model/table-map';

/** Value columns of `audit_outbox`; a change with more values takes several rows, numbered by `part`. */
export const valuesPerRow = 32;

export const valueColumns: readonly string[] = Array.from({ length: valuesPerRow }, (_, index) => `v${index}`);

/** Columns of one mask: few enough for a number that any reader holds exactly. */
const columnsPerMask = 32;

/** What one value of the outbox is. */
export type Slot =
  | { readonly image: 'before' | 'after'; readonly column: MappedColumn }
  /** A number whose bit n says whether the update changed column n of these. */
  | { readonly image: 'mask'; readonly columns: readonly MappedColumn[] };

/**
 * The values of a change in the order of the outbox. Of an update: what changed, the row before, and of the row after
 * the changed values only, NULL standing for the others. A redacted column has no value, only its bit of the mask.
 */
export function slotsOf(columns: readonly MappedColumn[], operation: 'I' | 'U' | 'D'): Slot[] {
  const shown = columns.filter(({ redacted }) => !redacted);
  const before = shown.map((column): Slot => ({ image: 'before', column }));
  const after = shown.map((column): Slot => ({ image: 'after', column }));
  if (operation === 'I') return after;
  return operation === 'D' ? before : [...masksOf(columns), ...before, ...after];
}

function masksOf(columns: readonly MappedColumn[]): Slot[] {
  const masks: Slot[] = [];
  for (let start = 0; start < columns.length; start += columnsPerMask) {
    masks.push({ image: 'mask', columns: columns.slice(start, start + columnsPerMask) });
  }
  return masks;
}
