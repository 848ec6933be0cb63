import type { RowChange } from '../../src/testing/oracle/replay';
import { addRow, makeRow, type Row, type Snapshot, type TableState } from '../../src/testing/oracle/snapshot';

/** What a change of the schema by itself does to the rows of a table: no row change, and yet the rows are different. */
export interface Reshape {
  table: string;
  /** The row in the new shape; left out where the table is gone. */
  row?: (row: Row) => Row;
}

/** The state as it would have been, had the table had its new shape before. */
export function reshapeSnapshot(snapshot: Snapshot, { table, row }: Reshape): void {
  const old = snapshot.get(table);
  if (!old) return;
  if (!row) {
    snapshot.delete(table);
    return;
  }
  const columns = Object.keys(row(makeRow(old.columns.map((column) => [column, 'null']))));
  const state: TableState = { columns, key: old.key, rows: new Map() };
  for (const { row: oldRow, count } of old.rows.values()) {
    for (let n = 0; n < count; n += 1) addRow(state, row(oldRow));
  }
  snapshot.set(table, state);
}

/** Entries made before the schema changed show rows of the old shape. */
export function reshapeChange(change: RowChange, reshapes: readonly Reshape[], after: Snapshot): RowChange {
  const columns = after.get(change.table)?.columns.length;
  const reshape = reshapes.find(({ table }) => table === change.table)?.row;
  if (!reshape || columns === undefined) return change;
  const inNewShape = (row: Row | null): Row | null => (row && Object.keys(row).length !== columns ? reshape(row) : row);
  return { ...change, before: inNewShape(change.before), after: inNewShape(change.after) };
}
