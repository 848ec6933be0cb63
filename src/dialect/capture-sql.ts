import type { Requirement } from '../model/missing';
import type { MappedColumn, TableMap } from '../model/table-map';
import type { Engine } from './engine';

/** A column as the database has it now. */
export interface TableColumn {
  name: string;
  /** Type as declared, upper case. */
  declaredType: string;
  /** 1 where it is of the primary key, else 0. */
  isKey: number;
}

/** What a trigger set needs of a table: its map and its live columns, in the same order. */
export interface CapturedTable {
  map: TableMap;
  columns: { mapped: MappedColumn; live: TableColumn }[];
  /** Rows of this table can be deleted to make room for others, unseen by delete triggers. */
  isReplaceable: boolean;
  /** A change whose context lacks one of these is refused, with its mark and the table's entity as the message. */
  requires: readonly Requirement[];
  /** … or, where this is true, counted. */
  warnsOnly: boolean;
}

/** Begins the message of a trigger that refuses a change. */
export const refusalMarks: Record<Requirement, string> = {
  context: 'audit trail: no actor for',
  reason: 'audit trail: no reason for',
};

/** A trigger of ours. */
export interface TriggerDefinition {
  name: string;
  sql: string;
}

/** The SQL of capture by triggers that copy values as stored into an outbox. */
export interface CaptureSql {
  /** Objects of the connection's own that the triggers use. */
  readonly createWorkTables: readonly string[];
  /** Parameters: generation, transaction id, milliseconds since 1970, context as JSON text or null. */
  readonly updateContextRow: string;
  /** The table in which triggers count what they let through. */
  readonly createWarned: string;
  /** A counter of it, unless it is there; parameters: entity, requirement. */
  readonly insertWarned: string;
  /** Rows of `PolicyWarning`. */
  readonly selectWarned: string;
  /** A record without a row image; parameter: the event as JSON text. */
  readonly insertEvent: string;
  /** A number that changes when another connection commits. */
  readonly foreignCommits: string;
  /** 1 where foreign keys are enforced. */
  readonly enforcesForeignKeys: string;
  /** Names of all triggers that any generation of ours has left on this connection. */
  readonly listTriggers: string;
  /** Values that change whenever the schema or the triggers change. */
  readonly versions: readonly string[];
  /** What the triggers of replaceable tables rely on beside it. */
  readonly replaceVersions: readonly string[];
  /** Of the given tables those whose name is in a statement, however it is quoted there. */
  namedTables(sql: string, tables: readonly string[]): string[];
  /** Names of tables that take no triggers. */
  readonly listVirtualTables: string;
  listColumns(table: string): string;
  /** Name of the table that a path names in a statement; undefined where that is not one that can be captured. */
  tableOf(engine: Engine, path: string): string | undefined;
  dropTrigger(name: string): string;
  /**
   * Of the given tables those whose own definition, or whose users' triggers, delete rows to make room.
   * @param handedOn statements do so as well, and hand their clause on to the statements of the triggers they fire
   */
  replaceableTables(engine: Engine, tables: readonly string[], handedOn: boolean): string[];
  /** What users' triggers do that keeps a record of these tables from being exact, a sentence each. */
  doubts(engine: Engine, tables: readonly string[]): string[];
  triggers(engine: Engine, table: CapturedTable, mapId: number, generation: number, index: number): TriggerDefinition[];
}
