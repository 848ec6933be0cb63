import { decodeValue, encodeValue } from './codec';
import type { Image } from './image';
import type { StoredValue } from './stored-value';
import type { MappedColumn, TableMap } from './table-map';
import { uuid } from './uuid';

/**
 * Properties whose stored value is another one than an earlier image says. The image may be of an older map: columns are
 * matched by their name in the table, and one that either side lacks or hides can't be compared.
 * @param row stored values in the order of `map.columns`
 * @param isMoved the image comes from another log, whose database may have written the same values in another form
 */
export function differingProperties(
  map: TableMap,
  row: readonly StoredValue[],
  image: Image,
  imageMap: TableMap,
  isMoved = false,
) {
  const form = isMoved ? commonForm : (value: unknown) => value;
  return map.columns
    .filter((column, index) => {
      const then = comparable(column, image, imageMap);
      // A canonical form decodes to one stored value alone, so that equal texts are equal bytes.
      if (!then) return false;
      const [now, before] = [encodeValue(then.kind, row[index] ?? null), image[then.property]];
      return JSON.stringify(form(now)) !== JSON.stringify(form(before));
    })
    .map(({ property }) => property);
}

/** An instant, or a time of the day; seconds, and their fraction. */
const clock = /^((?:\d{4}-\d\d-\d\dT)?\d\d:\d\d)(:\d\d)?(\.\d+)?(Z?)$/;

/** One form for what databases write in several: times with more or fewer digits, letters of a uuid. */
function commonForm(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (uuid.test(value)) return value.toUpperCase();
  return value.replace(clock, (_, start: string, seconds = ':00', fraction = '', zone = '') => {
    return `${start}${seconds}${String(fraction).replace(/\.?0+$/, '')}${zone}`;
  });
}

/** An image in the terms of a newer map of the same table; what it does not hold is left out. */
export function translateImage(map: TableMap, image: Image, imageMap: TableMap): Image {
  const translated = Object.create(null) as Image;
  for (const column of map.columns) {
    const then = comparable(column, image, imageMap);
    if (column.redacted) translated[column.property] = { $redacted: true };
    else if (then) translated[column.property] = encodeValue(column.kind, decodeValue(then.kind, image[then.property]));
  }
  return translated;
}

/** The stored values of some columns in an image; undefined where it does not hold all of them. */
export function storedValues(
  columns: readonly MappedColumn[],
  image: Image,
  imageMap: TableMap,
): StoredValue[] | undefined {
  const then = columns.map((column) => comparable(column, image, imageMap));
  return then.every((column) => column !== undefined)
    ? then.map(({ kind, property }) => decodeValue(kind, image[property]))
    : undefined;
}

function comparable({ name, redacted }: MappedColumn, image: Image, imageMap: TableMap): MappedColumn | undefined {
  const then = imageMap.columns.find((column) => column.name === name);
  return then && !redacted && !then.redacted && then.property in image ? then : undefined;
}
