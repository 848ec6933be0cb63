import type { Requirement } from '../model/missing';
import type { MappedColumn, TableMap } from '../model/table-map';
import type { LiveColumn } from './revert-sql';

/** A column of a table on a server as it is now. */
export interface ServerColumn {
  /** Path of its table, as in a plan. */
  table: string;
  name: string;
  /** Name of its system type. */
  type: string;
  /** The type in full, for a variable of it. */
  declaration: string;
  collation: string | null;
  /** It is of the primary key. */
  isKey: boolean;
  /** The database numbers the rows by it, and it never changes. */
  isIdentity: boolean;
  /** The same, and an index sees to it that no two rows have the same number. */
  isRowNumber: boolean;
}

/** The same with what is asked of it before it is written. */
export type LiveServerColumn = ServerColumn &
  LiveColumn & {
    /** Place in the primary key, from 1; 0 outside of it. */
    keyPlace: number;
  };

/** What the trigger of a table is made of. */
export interface ServerTable {
  map: TableMap;
  columns: { mapped: MappedColumn; live: ServerColumn }[];
  /** A change whose context lacks one of these is refused, with its mark and the table's entity as the message. */
  requires: readonly Requirement[];
  /** A change whose context lacks one of these is marked so. */
  warnsOf: readonly Requirement[];
}

/** A trigger of ours as the database has it. */
export interface LiveTrigger {
  /** Path of its table. */
  table: string;
  name: string;
  isEnabled: boolean;
  /** What was noted when it was installed. */
  version: string | null;
}

/** The SQL of capture by triggers that write entries, on a server with tables of one schema. */
export interface ServerCaptureSql {
  /** Rows of `LiveServerColumn`, in the order of each table. Parameter: table paths as a JSON list. */
  readonly listColumns: string;
  /** Rows of `LiveTrigger`. */
  readonly listTriggers: string;
  /** Rows with a `doubt`: what of the server's settings keeps records from being complete. */
  readonly selectDoubts: string;
  /** Only one connection at a time goes on behind it, until its transaction ends. */
  readonly lockInstallation: string;
  /** An entry without a row; sent by the application's runner, with its own form of parameters: entity, table, id, operation, image and fields as JSON text. */
  readonly insertEvent: string;
  /** The same for what was done to a table as a whole. */
  readonly insertMarker: string;
  deleteAll(table: string): string;
  /** Why a column can't be recorded, with the remedy; undefined for one that can be. */
  refusalOf(column: ServerColumn): string | undefined;
  /** A column as its type in the table makes it. */
  mapped(column: ServerColumn, planned: MappedColumn): MappedColumn;
  /** What entries may call a value of a key, the likeliest first. */
  keyForms(column: ServerColumn, value: unknown): unknown[];
  /** Entries name a key of this type in a form of the database's own. */
  isNamedOtherwise(column: ServerColumn): boolean;
  /** The statements that install the trigger of a table anew, and note its version; a row of theirs is a `doubt`. */
  trigger(table: ServerTable, mapId: number): { name: string; version: string; statements: string[] };
  dropTrigger(trigger: LiveTrigger): string;
}
