import { encodeValue } from './codec';
import { entityIdOf, entityOf } from './change';
import type { Image } from './image';
import type { StoredValue } from './stored-value';
import type { MappedColumn, TableMap } from './table-map';

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
 * at half the cost of making the images: for work that goes over whole tables.
 */
export class ImageText {
  private readonly prefixes: readonly string[];
  private readonly names: readonly string[];
  private readonly keyMap: TableMap;
  private readonly keyIndexes: readonly number[];
  private readonly discriminator: number;

  constructor(private readonly map: TableMap) {
    const { columns, discriminator } = map;
    this.names = columns.map(({ property }) => JSON.stringify(property));
    this.prefixes = this.names.map((name, index) => `${index === 0 ? '{' : ','}${name}:`);
    this.keyMap = { ...map, columns: columns.filter(({ primary }) => primary) };
    this.keyIndexes = this.keyMap.columns.map((column) => columns.indexOf(column));
    this.discriminator = columns.findIndex(({ property }) => property === discriminator?.property);
  }

  write(row: readonly StoredValue[]): RowText {
    return { entity: this.entity(row), entityId: this.entityId(row), image: this.image(row), fields: this.fields(row) };
  }

  entityId(row: readonly StoredValue[]): string {
    const image = Object.create(null) as Image;
    for (const [index, { property, kind }] of this.keyMap.columns.entries()) {
      image[property] = encodeValue(kind, row[this.keyIndexes[index]!] ?? null);
    }
    return entityIdOf(this.keyMap, image)!;
  }

  entity(row: readonly StoredValue[]): string {
    if (this.discriminator < 0) return this.map.entity;
    const { property, kind } = this.map.columns[this.discriminator]!;
    return entityOf(this.map, { [property]: encodeValue(kind, row[this.discriminator] ?? null) });
  }

  image(row: readonly StoredValue[]): string {
    let text = '';
    for (const [index, column] of this.map.columns.entries()) {
      text += this.prefixes[index]! + valueText(column, row[index] ?? null);
    }
    return text === '' ? '{}' : `${text}}`;
  }

  private fields(row: readonly StoredValue[]): string {
    const filled = this.names.filter((_, index) => this.map.columns[index]!.redacted || row[index] !== null);
    return `[${filled.join(',')}]`;
  }
}

function valueText({ kind, redacted }: MappedColumn, value: StoredValue): string {
  if (redacted) return '{"$redacted":true}';
  const encoded = encodeValue(kind, value);
  // JSON has its canonical form only where that is the stored text itself.
  if (kind === 'json' && typeof value === 'string' && !isMark(encoded)) return value;
  return JSON.stringify(encoded);
}

function isMark(encoded: unknown): boolean {
  return typeof encoded === 'object' && encoded !== null && '$stored' in encoded;
}
