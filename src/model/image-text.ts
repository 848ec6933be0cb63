import { isSurelyCanonicalJson } from './canonical-json';
import { entityIdOf, entityOf, keyText } from './change';
import { encodeValue } from './codec';
import type { Image } from './image';
import type { StoredValue } from './stored-value';
import type { ColumnKind, MappedColumn, TableMap } from './table-map';

/** A row in the terms of its entity. */
export interface RowText {
  entity: string;
  entityId: string;
  /** The image as JSON text. */
  image: string;
  /** Names of the fields that are not null, as JSON text: what an image without one before it changes. */
  fields: string;
}

/**
 * Writes rows of one map, values in the order of its columns, as the text that `JSON.stringify` gives for their images,
 * at less than half the cost of making the images: for work that goes over whole tables.
 */
export class ImageText {
  private readonly names: readonly string[];
  private readonly prefixes: readonly string[];
  private readonly key: readonly { index: number; column: MappedColumn }[];
  private readonly keyMap: TableMap;
  private readonly discriminator: number;

  constructor(private readonly map: TableMap) {
    const { columns, discriminator } = map;
    this.names = columns.map(({ property }) => JSON.stringify(property));
    this.prefixes = this.names.map((name, index) => `${index === 0 ? '{' : ','}${name}:`);
    this.key = columns.map((column, index) => ({ index, column })).filter(({ column }) => column.primary);
    this.keyMap = { ...map, columns: this.key.map(({ column }) => column) };
    this.discriminator = columns.findIndex(({ property }) => property === discriminator?.property);
  }

  write(row: readonly StoredValue[]): RowText {
    return { entity: this.entity(row), entityId: this.entityId(row), image: this.image(row), fields: this.fields(row) };
  }

  /** @throws TypeError for a map without a key */
  entityId(row: readonly StoredValue[]): string {
    const { index, column } = this.key[0]!;
    if (this.key.length === 1) return keyText(encodeValue(column.kind, row[index] ?? null));
    const image = Object.create(null) as Image;
    for (const part of this.key) image[part.column.property] = encodeValue(part.column.kind, row[part.index] ?? null);
    return entityIdOf(this.keyMap, image)!;
  }

  entity(row: readonly StoredValue[]): string {
    if (this.discriminator < 0) return this.map.entity;
    const { property, kind } = this.map.columns[this.discriminator]!;
    return entityOf(this.map, { [property]: encodeValue(kind, row[this.discriminator] ?? null) });
  }

  image(row: readonly StoredValue[]): string {
    const { columns } = this.map;
    let text = '';
    for (let index = 0; index < columns.length; index += 1) {
      const { kind, redacted } = columns[index]!;
      text += this.prefixes[index]! + (redacted ? '{"$redacted":true}' : valueText(kind, row[index] ?? null));
    }
    return text === '' ? '{}' : `${text}}`;
  }

  private fields(row: readonly StoredValue[]): string {
    const { columns } = this.map;
    let text = '';
    for (let index = 0; index < columns.length; index += 1) {
      if (row[index] === null && !columns[index]!.redacted) continue;
      text += text === '' ? this.names[index]! : `,${this.names[index]!}`;
    }
    return `[${text}]`;
  }
}

const least = BigInt(Number.MIN_SAFE_INTEGER);
const most = BigInt(Number.MAX_SAFE_INTEGER);

function valueText(kind: ColumnKind, value: StoredValue): string {
  if (value === null) return 'null';
  // The most frequent cases, which need no proof that decoding gives the value back.
  if (typeof value === 'string' && kind === 'text') return JSON.stringify(value);
  if (typeof value === 'bigint' && kind === 'integer' && value >= least && value <= most) return value.toString();
  if (typeof value === 'string' && kind === 'json' && value !== 'null' && isSurelyCanonicalJson(value)) return value;
  const encoded = encodeValue(kind, value);
  // JSON has its canonical form only where that is the stored text itself.
  return kind === 'json' && typeof value === 'string' && !isTagged(encoded) ? value : JSON.stringify(encoded);
}

function isTagged(encoded: unknown): boolean {
  return typeof encoded === 'object' && encoded !== null && '$stored' in encoded;
}
