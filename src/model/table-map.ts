/**
 * How a column's stored values are turned into their canonical form; see `codec.ts`.
 * - `integer`: a JSON number within ±2^53 · `bigint`, `decimal`: a string of digits
 * - `real`: a JSON number · `boolean`: true or false for 1 or 0 · `text`: a string
 * - `json`: the JSON value · `instant`: ISO 8601, UTC · `blob`: base64
 * - `any`: a column of which only the table is known
 */
export type ColumnKind =
  'integer' | 'bigint' | 'decimal' | 'real' | 'boolean' | 'text' | 'json' | 'instant' | 'blob' | 'any';

export interface MappedColumn {
  /** Name in the table. */
  name: string;
  /** Property path in the entity (`address.city`), or the column's name where no entity has it. */
  property: string;
  kind: ColumnKind;
  primary?: true;
  /** The value is left out of every audit table; only that it changed is recorded. */
  redacted?: true;
  /** Recorded, but shown only to a reader who asks for this column (`select: false`). */
  masked?: true;
}

/**
 * The shape under which a table's changes were recorded. Stored in the database, named by every outbox row and entry
 * (`schema_version`), never changed afterwards: entries stay readable when the entity has moved on.
 */
export interface TableMap {
  entity: string;
  table: string;
  columns: MappedColumn[];
  /** Single-table inheritance: which class a row belongs to. */
  discriminator?: { property: string; entities: Record<string, string> };
  /** Property path of the delete date, where the entity has one. */
  deleteDate?: string;
  /** A many-to-many or closure table: inserts are links, deletes unlinks. */
  junction?: true;
}
