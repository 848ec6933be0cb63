import { decodeValue } from './codec';
import { ImageText, redactedText, valueText } from './image-text';
import type { StoredValue } from './stored-value';
import type { ColumnKind, MappedColumn, TableMap } from './table-map';

/**
 * Reads images as triggers on a server write them (codec 2): a JSON object of texts by the place of the column in the
 * map, without those that are null; of a redacted column "1" where an update changed it. The text of a value is
 * - digits for whole numbers, decimals and booleans (1 or 0), any notation for reals
 * - `2026-01-31 12:00:00.1234567` for instants, hexadecimal digits for binary, the text itself for everything else
 */
export class TriggerImage {
  private readonly images: ImageText;

  constructor(private readonly map: TableMap) {
    this.images = new ImageText(map);
  }

  /** The canonical image as JSON text. */
  toCanonical(text: string): string {
    const values = JSON.parse(text) as Record<string, string | undefined>;
    let image = '';
    for (const { index, redacted, prefix } of this.images.columns) {
      const value = values[index];
      image += prefix + (redacted ? redactedValue(value) : canonicalText(this.map.columns[index]!, value));
    }
    return image === '' ? '{}' : `${image}}`;
  }
}

/** Codec number of images in this form. */
export const triggerCodec = 2;

function redactedValue(value: string | undefined): string {
  return value === '1' ? '{"$redacted":true,"changed":true}' : redactedText;
}

function canonicalText({ kind }: MappedColumn, value: string | undefined): string {
  if (value === undefined) return 'null';
  if (kind === 'decimal') return JSON.stringify(shortened(value));
  return valueText(kind, storedValue(kind, value));
}

/** All decimals of a column have as many digits: those that say nothing are left out, as where numbers are stored. */
function shortened(decimal: string): string {
  // Some types have blanks before and behind, and none but the point before a fraction.
  const digits = decimal.trim().replace(/^(-?)\./, '$10.');
  const short = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
  return short === '-0' || short === '' ? '0' : short;
}

/** The value that such a text says. */
export function storedValue(kind: ColumnKind, value: string): StoredValue {
  switch (kind) {
    case 'decimal':
      return decodeValue(kind, shortened(value));
    case 'integer':
    case 'bigint':
    case 'boolean':
      return BigInt(value);
    case 'real':
      return Number(value);
    case 'blob':
      return Buffer.from(value, 'hex');
    default:
      return value;
  }
}
