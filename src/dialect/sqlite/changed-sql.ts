import type { CapturedTable, TableColumn } from '../capture-sql';
import { quoteName } from './quote';

/**
 * Whether a column differs between OLD and NEW, decided on stored bytes and storage class: by the column's collation
 * `abc` would equal `ABC`, and `1` equals `1.0`.
 */
export function changed(name: string, live: TableColumn | undefined): string {
  const before = `OLD.${quoteName(name)}`;
  const after = `NEW.${quoteName(name)}`;
  const terms = [`${before} IS NOT ${after} COLLATE BINARY`];
  if (!live || !hasOneNumericClass(live)) terms.push(`typeof(${before}) <> typeof(${after})`);
  // -0.0 equals 0.0, and no expression tells them apart. Without an affinity both can be stored; the drain decides.
  if (!live || hasNoAffinity(live)) terms.push(`(${before} = 0 AND ${after} = 0 AND typeof(${after}) = 'real')`);
  return terms.join(' OR ');
}

export function anyChanged(table: CapturedTable): string {
  const terms = table.columns.map(({ mapped, live }) => `(${changed(mapped.name, live)})`);
  // Grouped, because an expression may be 1,000 deep at most and each OR adds a level.
  const groups: string[] = [];
  for (let start = 0; start < terms.length; start += 30)
    groups.push(`(${terms.slice(start, start + 30).join(' OR ')})`);
  return groups.join(' OR ');
}

// The rules of https://www.sqlite.org/datatype3.html, section 3.1, in their order.
const isInteger = /INT/;
const isText = /CHAR|CLOB|TEXT/;
const isReal = /REAL|FLOA|DOUB/;

/** TEXT and REAL affinity convert numbers to one storage class, so that equal values are equal bytes. */
function hasOneNumericClass({ declaredType }: TableColumn): boolean {
  if (isInteger.test(declaredType)) return false;
  return isText.test(declaredType) || (!declaredType.includes('BLOB') && isReal.test(declaredType));
}

/** Types without a rule have NUMERIC affinity; ANY has none in a STRICT table. */
function hasNoAffinity({ declaredType }: TableColumn): boolean {
  if (declaredType === '' || declaredType === 'ANY') return true;
  return declaredType.includes('BLOB') && !isInteger.test(declaredType) && !isText.test(declaredType);
}
