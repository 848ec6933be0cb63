import { ImageText, redactedText, valueText } from './image-text';
import type { StoredValue } from './stored-value';
import type { MappedColumn, TableMap } from './table-map';

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
  // All decimals of a column have as many digits: those that say nothing are left out, as where numbers are stored.
  if (kind === 'decimal') return JSON.stringify(shortened(value));
  return valueText(kind, storedValue(kind, value));
}

function shortened(decimal: string): string {
  const short = decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
  return short === '-0' || short === '' ? '0' : short;
}

function storedValue(kind: MappedColumn['kind'], value: string): StoredValue {
  switch (kind) {
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
