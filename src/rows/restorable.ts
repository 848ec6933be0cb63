import type { LiveColumn } from '../dialect/revert-sql';
import { decodeValue } from '../model/codec';
import type { Image } from '../model/image';
import type { StoredValue } from '../model/stored-value';
import type { MappedColumn, TableMap } from '../model/table-map';
import type { UnrestorableColumn, UnrestorableReason } from '../reports';

/** What an image says of the columns that the table has now. */
export interface Restorable {
  values: { column: MappedColumn; value: StoredValue }[];
  unrestorable: UnrestorableColumn[];
  /** Those of `unrestorable` without which a row can't be inserted. */
  required: string[];
}

/**
 * @param map of the table now; undefined where it is not captured
 * @param then map of the image, its columns under their names of today
 */
export function restorable(
  live: readonly LiveColumn[],
  map: TableMap | undefined,
  image: Image,
  then: TableMap,
): Restorable {
  const result: Restorable = { values: [], unrestorable: [], required: [] };
  for (const { name, isGenerated, isRequired, isInexact } of live) {
    const column = map?.columns.find((mapped) => mapped.name === name);
    const was = then.columns.find((mapped) => mapped.name === name);
    const reason = isGenerated
      ? 'generated'
      : (reasonAgainst(column, was, image) ?? (isInexact ? 'inexact' : undefined));
    if (!reason) {
      result.values.push({ column: column!, value: decodeValue(was!.kind, image[was!.property]) });
      continue;
    }
    result.unrestorable.push({ property: column?.property ?? name, reason });
    if (isRequired) result.required.push(column?.property ?? name);
  }
  const names = new Set(live.map(({ name }) => name));
  for (const { name, property } of then.columns) {
    if (!names.has(name)) result.unrestorable.push({ property, reason: 'no longer there' });
  }
  return result;
}

function reasonAgainst(
  column: MappedColumn | undefined,
  was: MappedColumn | undefined,
  image: Image,
): UnrestorableReason | undefined {
  if (!column) return 'not audited';
  if (column.redacted || was?.redacted) return 'redacted';
  return was && was.property in image ? undefined : 'not recorded';
}
