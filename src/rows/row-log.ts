import type { Engine } from '../dialect/engine';
import type { Condition } from '../dialect/store-sql';
import { idForms, type RowNames } from '../model/row-names';
import type { EntryReader, EntryRow } from '../store/entry-reader';

/** A row by its table and its key; the class that is named only says which table. */
export interface RowKey {
  table: string;
  /** Name of the entity today. */
  entity: string;
  /** The key as entries show it. */
  id: string;
  /** Logs in which the row is; by default any. In a log that several applications share another's row may have the key. */
  logs?: readonly string[];
  /** Other texts by which entries may name a row that has this key. */
  others?: readonly string[];
}

/** Entries that carry an image of a row: what is recorded under no column map has no row. */
const ofRows: Condition = { sql: 'e.schema_version > 0', values: [] };
const isMove: Condition = { sql: 'e.moved_from IS NOT NULL', values: [] };

/** What the log has under one key: under all classes and names of its table, and where a row left it for another key. */
export class KeyLog {
  readonly ids: readonly string[];
  private readonly inLogs: readonly Condition[];

  constructor(
    private readonly reader: EntryReader,
    private readonly engine: Engine,
    private readonly key: RowKey,
    private readonly names: RowNames = reader.rowNames(engine, key.table),
  ) {
    const texts = [key.id, ...(key.others ?? [])];
    this.ids = [...new Set(texts.flatMap((id) => idForms(names.keys, id)))];
    const { logs } = key;
    this.inLogs = logs ? [{ sql: `e.log_id IN (${logs.map(() => '?').join(', ')})`, values: logs }] : [];
  }

  /** The log of another key of the same table. */
  at(id: string): KeyLog {
    return new KeyLog(this.reader, this.engine, { ...this.key, id, others: [] }, this.names);
  }

  /** By the index on entity and id each, so that no page costs more for a long history. */
  entries(conditions: readonly Condition[], limit: number, options: { departures: boolean }): EntryRow[] {
    return this.find(conditions, limit, 'DESC', options.departures ? ['row', 'moved_from'] : ['row']);
  }

  last(conditions: readonly Condition[]): EntryRow | undefined {
    return this.find([...conditions, ofRows], 1, 'DESC', ['row', 'moved_from'])[0];
  }

  first(conditions: readonly Condition[]): EntryRow | undefined {
    return this.find([...conditions, ofRows], 1, 'ASC', ['row', 'moved_from'])[0];
  }

  /** The first entry by which a row came to this key, or left it. */
  firstMove(conditions: readonly Condition[]): EntryRow | undefined {
    return this.find([...conditions, isMove, ...this.isOther()], 1, 'ASC', ['moved_to', 'moved_from'])[0];
  }

  /** The last entry before one by which a row came to this key from another. */
  arrival(before: number): { id: number; movedFrom: string } | undefined {
    const [row] = this.find([{ sql: 'e.id < ?', values: [before] }, isMove], 1, 'DESC', ['moved_to']);
    return row && { id: row.id, movedFrom: row.moved_from! };
  }

  /** True for the entry by which a row left this key. */
  isDeparture({ entity_id, moved_from }: EntryRow): boolean {
    return moved_from !== null && this.ids.includes(moved_from) && !this.ids.includes(entity_id ?? '');
  }

  /** From one text of the key to another of them is no move. */
  private isOther(): Condition[] {
    if (this.ids.length < 2) return [];
    const within = `IN (${this.ids.map(() => '?').join(', ')})`;
    const sql = `e.moved_from NOT ${within} OR e.entity_id NOT ${within}`;
    return [{ sql, values: [...this.ids, ...this.ids] }];
  }

  private find(
    conditions: readonly Condition[],
    limit: number,
    direction: 'ASC' | 'DESC',
    indexes: readonly ('row' | 'moved_to' | 'moved_from')[],
  ): EntryRow[] {
    const found = indexes.flatMap((index) =>
      this.each((entity, id) => {
        const column = index === 'moved_from' ? 'moved_from' : 'entity_id';
        const key = { sql: `e.entity = ? AND e.${column} = ?`, values: [entity, id] };
        return this.reader.rows(this.engine, index, [key, ...conditions, ...this.inLogs], limit, direction);
      }),
    );
    return merge(found, limit, direction);
  }

  private each<T>(fn: (entity: string, id: string) => T | T[]): T[] {
    return this.names.entities.flatMap((entity) => this.ids.flatMap((id) => fn(entity, id)));
  }
}

/** The first `limit` of several lists, each entry once. */
export function merge(rows: readonly EntryRow[], limit: number, direction: 'ASC' | 'DESC'): EntryRow[] {
  const unique = [...new Map(rows.map((row) => [row.id, row])).values()];
  return unique.sort((a, b) => (direction === 'ASC' ? a.id - b.id : b.id - a.id)).slice(0, limit);
}
