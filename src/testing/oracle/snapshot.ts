import { showCell, type Cell } from './cell';

/** A row by column name. */
export type Row = Record<string, Cell>;

/** All rows of a table. A multiset, because a table may have no key, or no key that holds (NULLs). */
export interface TableState {
  columns: string[];
  /** Columns of the declared key; only used to name a row in a message. */
  key: string[];
  rows: Map<string, { row: Row; count: number }>;
}

/** All rows of all application tables of a database. */
export type Snapshot = Map<string, TableState>;

/** Without a prototype, because a column may be named `__proto__`. */
export function makeRow(cells: Iterable<readonly [string, Cell]>): Row {
  const row = Object.create(null) as Row;
  for (const [column, cell] of cells) row[column] = cell;
  return row;
}

/** The row as one text: equal exactly for equal cells of equal columns. */
export function rowText(row: Row): string {
  return JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function addRow(table: TableState, row: Row): void {
  const text = rowText(row);
  const known = table.rows.get(text);
  if (known) known.count += 1;
  else table.rows.set(text, { row, count: 1 });
}

/** @returns false where there is no such row */
export function removeRow(table: TableState, row: Row): boolean {
  const text = rowText(row);
  const known = table.rows.get(text);
  if (!known) return false;
  known.count -= 1;
  if (known.count === 0) table.rows.delete(text);
  return true;
}

export function copySnapshot(snapshot: Snapshot): Snapshot {
  const copyRows = (rows: TableState['rows']) =>
    new Map([...rows].map(([text, { row, count }]) => [text, { row, count }]));
  return new Map([...snapshot].map(([name, table]) => [name, { ...table, rows: copyRows(table.rows) }]));
}

/** What differs between two snapshots, a sentence each; none when they are equal. @param ignored columns in lower case */
export function differences(actual: Snapshot, expected: Snapshot, ignored: ReadonlySet<string> = new Set()): string[] {
  const problems: string[] = [];
  for (const name of new Set([...actual.keys(), ...expected.keys()])) {
    const was = countsOf(expected.get(name), ignored);
    const is = countsOf(actual.get(name), ignored);
    for (const text of new Set([...was.keys(), ...is.keys()])) {
      const surplus = (is.get(text) ?? 0) - (was.get(text) ?? 0);
      if (surplus !== 0)
        problems.push(`${name}: ${surplus > 0 ? 'a row too many' : 'a row is missing'}: ${showRow(text)}`);
    }
  }
  return problems;
}

function countsOf(table: TableState | undefined, ignored: ReadonlySet<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [text, { row, count }] of table?.rows ?? []) {
    const key =
      ignored.size === 0
        ? text
        : rowText(makeRow(Object.entries(row).filter(([column]) => !ignored.has(column.toLowerCase()))));
    counts.set(key, (counts.get(key) ?? 0) + count);
  }
  return counts;
}

function showRow(text: string): string {
  const cells = JSON.parse(text) as [string, Cell][];
  return cells
    .map(([column, cell]) => `${column} = ${showCell(cell)}`)
    .join(', ')
    .slice(0, 400);
}
