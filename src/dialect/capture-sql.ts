import type { MappedColumn, TableMap } from '../model/table-map';

/** A column as the database has it now. */
export interface TableColumn {
  name: string;
  /** Type as declared, upper case. */
  declaredType: string;
}

/** What a trigger set needs of a table: its map and its live columns, in the same order. */
export interface CapturedTable {
  map: TableMap;
  columns: { mapped: MappedColumn; live: TableColumn }[];
}

/** The SQL of capture by triggers that copy values as stored into an outbox. */
export interface CaptureSql {
  readonly createContextRow: readonly string[];
  /** Parameters: generation, transaction id, milliseconds since 1970, context as JSON text or null. */
  readonly updateContextRow: string;
  /** A record without a row image; parameter: the event as JSON text. */
  readonly insertEvent: string;
  /** A number that changes when another connection commits. */
  readonly foreignCommits: string;
  /** Names of all triggers that any generation of ours has left on this connection. */
  readonly listTriggers: string;
  /** Two numbers that change whenever the schema or the triggers of this connection change. */
  readonly schemaVersions: readonly [string, string];
  /** Tables declared with a conflict clause that deletes rows to make room. */
  readonly listReplacingTables: string;
  listColumns(table: string): string;
  dropTrigger(name: string): string;
  triggerNames(generation: number, index: number): string[];
  createTriggers(table: CapturedTable, mapId: number, generation: number, index: number): string[];
}
