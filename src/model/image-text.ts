import { isSurelyCanonicalJson } from './canonical-json';
import { entityIdOf, entityOf, keyText } from './change';
import { encodeValue } from './codec';
import type { Image } from './image';
import type { StoredValue } from './stored-value';
import type { ColumnKind, TableMap } from './table-map';

/** A row in the terms of its entity. */
export interface RowText {
  entity: string;
  entityId: string;
  /** The image as JSON text. */
  image: string;
  /** Names of the fields that are not null, as JSON text: what an image without one before it changes. */
  fields: string;
}

/** A column as images have it. */
export interface TextColumn {
  /** Place of its value in a row. */
  index: number;
  kind: ColumnKind;
  redacted: boolean;
  /** The property as JSON text. */
  name: string;
  /** What stands before its value in an image. */
  prefix: string;
}

/**
 * Writes rows of one map, values in the order of its columns, as the text that `JSON.stringify` gives for their images,
 * at less than half the cost of making the images.
 */
export class ImageText {
  /** In the order in which an object has them. */
  readonly columns: readonly TextColumn[];
  /** Places of the key's values in a row. */
  readonly key: readonly number[];
  private readonly keyMap: TableMap;
  private readonly discriminator: number;

  constructor(private readonly map: TableMap) {
    const { columns, discriminator } = map;
    // An object has names that are numbers first, and so has the text.
    const places = Object.fromEntries(columns.map(({ property }, index) => [property, index]));
    this.columns = Object.values(places).map((index, place) => {
      const { property, kind, redacted = false } = columns[index]!;
      const name = JSON.stringify(property);
      return { index, kind, redacted, name, prefix: `${place === 0 ? '{' : ','}${name}:` };
    });
    this.key = columns.map((_, index) => index).filter((index) => columns[index]!.primary);
    this.keyMap = { ...map, columns: this.key.map((index) => columns[index]!) };
    this.discriminator = columns.findIndex(({ property }) => property === discriminator?.property);
  }

  write(row: readonly StoredValue[]): RowText {
    return { entity: this.entity(row), entityId: this.entityId(row), image: this.image(row), fields: this.fields(row) };
  }

  get hasKey(): boolean {
    return this.key.length > 0;
  }

  /** For a map that has a key. */
  entityId(row: readonly StoredValue[]): string {
    if (this.key.length === 1) return keyText(this.canonical(row, this.key[0]!));
    const image = Object.create(null) as Image;
    for (const index of this.key) image[this.map.columns[index]!.property] = this.canonical(row, index);
    return entityIdOf(this.keyMap, image)!;
  }

  entity(row: readonly StoredValue[]): string {
    if (!this.map.discriminator) return this.map.entity;
    const { property } = this.map.discriminator;
    return entityOf(this.map, this.discriminator < 0 ? {} : { [property]: this.canonical(row, this.discriminator) });
  }

  image(row: readonly StoredValue[]): string {
    let text = '';
    for (const { index, kind, redacted, prefix } of this.columns) {
      text += prefix + (redacted ? redactedText : valueText(kind, row[index] ?? null));
    }
    return text === '' ? '{}' : `${text}}`;
  }

  fields(row: readonly StoredValue[]): string {
    let text = '';
    for (const { index, redacted, name } of this.columns) {
      if ((row[index] ?? null) === null && !redacted) continue;
      text += text === '' ? name : `,${name}`;
    }
    return `[${text}]`;
  }

  private canonical(row: readonly StoredValue[], index: number): unknown {
    const { kind, redacted } = this.map.columns[index]!;
    if (!redacted) return encodeValue(kind, row[index] ?? null);
    return row[index] === 1n ? { $redacted: true, changed: true } : { $redacted: true };
  }
}

export const redactedText = '{"$redacted":true}';

const least = BigInt(Number.MIN_SAFE_INTEGER);
const most = BigInt(Number.MAX_SAFE_INTEGER);
const instant = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)$/;

/** The canonical form of a value as JSON text. */
export function valueText(kind: ColumnKind, value: StoredValue): string {
  if (value === null) return 'null';
  return usualText(kind, value) ?? encodedText(kind, value);
}

/** The most frequent cases, which need no proof that decoding gives the value back. */
function usualText(kind: ColumnKind, value: StoredValue): string | undefined {
  if (typeof value === 'string') {
    if (kind === 'text') return JSON.stringify(value);
    if (kind === 'json') return value !== 'null' && isSurelyCanonicalJson(value) ? value : undefined;
    if (kind === 'instant' && instant.test(value)) return `"${value.slice(0, 10)}T${value.slice(11)}Z"`;
  } else if (typeof value === 'bigint') {
    if (kind === 'integer') return value >= least && value <= most ? value.toString() : undefined;
    if (kind === 'boolean') return value === 1n ? 'true' : value === 0n ? 'false' : undefined;
    if (kind === 'bigint') return `"${value}"`;
  } else if (typeof value === 'number') {
    if (kind === 'real' && Number.isFinite(value) && !Object.is(value, -0)) return String(value);
  }
  return undefined;
}

function encodedText(kind: ColumnKind, value: StoredValue): string {
  const encoded = encodeValue(kind, value);
  // JSON has its canonical form only where that is the stored text itself.
  return kind === 'json' && typeof value === 'string' && !isTagged(encoded) ? value : JSON.stringify(encoded);
}

function isTagged(encoded: unknown): boolean {
  return typeof encoded === 'object' && encoded !== null && '$stored' in encoded;
}
