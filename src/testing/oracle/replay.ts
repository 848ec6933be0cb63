import type { AuditEntry } from '../../index';
import { showCell } from './cell';
import type { ColumnMaps } from './column-map';
import { decodeCell, redactedCell } from './decode';
import { addRow, copySnapshot, makeRow, removeRow, type Row, type Snapshot, type TableState } from './snapshot';

/** One entry as rows of the table. */
export interface RowChange {
  id: number;
  table: string;
  before: Row | null;
  after: Row | null;
}

/** @throws Error where an image is not in canonical form, or names a property that its column map does not have. */
export function toRowChange(entry: AuditEntry, maps: ColumnMaps): RowChange {
  const map = maps.get(entry.schemaVersion);
  if (!map) throw new Error(`there is no column map ${entry.schemaVersion}`);
  if (map.table !== entry.table) throw new Error(`column map ${entry.schemaVersion} is of table ${map.table}`);
  const toRow = (image: Record<string, unknown> | null): Row | null => {
    if (image === null) return null;
    return makeRow(
      Object.entries(image).map(([property, value]) => {
        const column = map.columns.find((candidate) => candidate.property === property);
        if (!column) throw new Error(`the column map has no property ${property}`);
        return [column.name, column.redacted ? redactedCell(value) : decodeCell(column.kind, value)];
      }),
    );
  };
  return { id: entry.id, table: entry.table, before: toRow(entry.before), after: toRow(entry.after) };
}

/**
 * Applies changes to the state before, in the order of the log, or undoes them from the state after, newest first.
 * Every row that a change says it met must be there to the byte.
 */
export function replay(
  start: Snapshot,
  changes: readonly RowChange[],
  direction: 'forwards' | 'backwards',
): { state: Snapshot; problems: string[] } {
  const state = copySnapshot(start);
  const problems: string[] = [];
  const steps = direction === 'forwards' ? changes : [...changes].reverse();
  for (const change of steps) {
    const [from, to] = direction === 'forwards' ? [change.before, change.after] : [change.after, change.before];
    const table = tableOf(state, change.table);
    const where = `${direction}, entry ${change.id} (${change.table})`;
    if (!table) {
      problems.push(`${where}: there is no such table`);
      continue;
    }
    for (const row of [from, to]) {
      if (row) problems.push(...columnProblems(row, table).map((problem) => `${where}: ${problem}`));
    }
    if (from && !removeRow(table, from))
      problems.push(`${where}: the row it met is not there: ${nearest(from, table)}`);
    if (to) addRow(table, to);
  }
  return { state, problems };
}

/** An entity may write a name in another case than the table has it, where the database does not mind. */
function tableOf(state: Snapshot, name: string): TableState | undefined {
  const found = [...state.keys()].find((table) => table.toLowerCase() === name.toLowerCase());
  return found === undefined ? undefined : state.get(found);
}

function columnProblems(row: Row, table: TableState): string[] {
  const missing = table.columns
    .filter((column) => !(column in row))
    .map((column) => `the image lacks column ${column}`);
  const unknown = Object.keys(row).filter((column) => !table.columns.includes(column));
  return [...missing, ...unknown.map((column) => `the image has a column ${column} that the table has not`)];
}

/** For the message: how the row with the same key differs. */
function nearest(wanted: Row, table: TableState): string {
  for (const { row } of table.rows.values()) {
    if (table.key.length === 0 || !table.key.every((column) => row[column] === wanted[column])) continue;
    const differing = table.columns.filter((column) => row[column] !== wanted[column]);
    return differing
      .map((column) => `${column} is ${showCell(row[column])}, not ${showCell(wanted[column])}`)
      .join('; ');
  }
  return `no row has the key ${table.key.map((column) => showCell(wanted[column])).join(', ')}`;
}
