import { decode, type Kind, type Row } from './stored';

/** What the tests know about a table, written down by hand: nothing of it is asked of the trail. */
export interface TableShape {
  /** Columns of the key, in the order of the table. */
  key: readonly string[];
  /** Property path in the entity and kind of value, by column. */
  columns: Readonly<Record<string, readonly [property: string, kind: Kind]>>;
  deletedAt?: string;
  junction?: true;
}

/** By table. */
export type Shapes = Readonly<Record<string, TableShape>>;

export function shapeOf(shapes: Shapes, table: string): TableShape {
  const shape = shapes[table];
  if (!shape) throw new Error(`nothing is known about a table ${table}`);
  return shape;
}

/** Identifies a row among those of its table. */
export function keyOf(shape: TableShape, row: Row): string {
  return JSON.stringify(shape.key.map((column) => row[column]));
}

/** An entry's image as the row that it stands for. */
export function rowOf(shape: TableShape, image: Record<string, unknown>): Row {
  const row: Row = {};
  for (const [column, [property, kind]] of Object.entries(shape.columns)) {
    if (!(property in image)) throw new Error(`an image has no ${property}`);
    row[column] = decode(kind, image[property]);
  }
  const strangers = Object.keys(image).length - Object.keys(row).length;
  if (strangers !== 0)
    throw new Error(`an image has ${strangers} properties too many: ${Object.keys(image).join(', ')}`);
  return row;
}

export function sameRow(a: Row, b: Row): boolean {
  const columns = Object.keys(a);
  return columns.length === Object.keys(b).length && columns.every((column) => a[column] === b[column]);
}

/** True where `row` has every value that `part` names. */
export function includesRow(row: Row, part: Row): boolean {
  return Object.entries(part).every(([column, value]) => row[column] === value);
}
