import type { MappedColumn } from '../../model/table-map';
import type { CapturedTable } from '../capture-sql';
import { slotsOf, valueColumns, valuesPerRow } from '../outbox-layout';
import { changed } from './changed-sql';
import { quoteName } from './quote';

export type RowOperation = 'I' | 'U' | 'D';

const head = ['map', 'operation', 'part', 'transaction_id', 'recorded_at', 'context'];

/** The instant of the statement, or of this record where the library does not know the statement. */
const recordedAt = `coalesce(n.recorded_at, CAST(unixepoch('subsec') * 1000 AS INTEGER))`;

/** The statement that writes one part of a record; `values` are expressions, at most as many as an outbox row has. */
export function insertPart(
  { mapId, operation, part }: { mapId: number; operation: RowOperation; part: number },
  values: readonly string[],
  from: string,
): string {
  const targets = [...head, ...valueColumns.slice(0, values.length)];
  const sources = [mapId, `'${operation}'`, part, 'n.transaction_id', recordedAt, 'n.context', ...values];
  return `INSERT INTO audit_outbox (${targets.join(', ')}) SELECT ${sources.join(', ')} FROM ${from};`;
}

/** The context row is matched by generation: triggers of an older one, which can revive, record nothing. */
export function contextRow(generation: number): string {
  return `audit_trail_now AS n WHERE n.generation = ${generation}`;
}

/** The body of a trigger that records the row it fires for. */
export function recordRow(table: CapturedTable, mapId: number, generation: number, operation: RowOperation): string {
  const live = new Map(table.columns.map((column) => [column.mapped, column.live]));
  const isChanged = (column: MappedColumn) => changed(column.name, live.get(column));
  const values = slotsOf(table.map.columns, operation).map((slot) => {
    // In brackets each: shifting and OR bind equally here.
    if (slot.image === 'mask')
      return slot.columns.map((column, bit) => `((${isChanged(column)}) << ${bit})`).join(' | ');
    const name = quoteName(slot.column.name);
    if (slot.image === 'before') return `OLD.${name}`;
    return operation === 'U' ? `CASE WHEN ${isChanged(slot.column)} THEN NEW.${name} END` : `NEW.${name}`;
  });
  return inParts(values)
    .map((slice, part) => insertPart({ mapId, operation, part }, slice, contextRow(generation)))
    .join(' ');
}

/** Values cut into outbox rows; a record has at least one. */
export function inParts<T>(values: readonly T[]): T[][] {
  const parts: T[][] = [];
  for (let start = 0; start === 0 || start < values.length; start += valuesPerRow) {
    parts.push(values.slice(start, start + valuesPerRow));
  }
  return parts;
}
