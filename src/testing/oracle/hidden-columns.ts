import 'reflect-metadata';
import type { EntityMetadata } from 'typeorm';
import { redacted, redactedAnew } from './decode';
import { makeRow, type Row, type Snapshot, type TableState, addRow } from './snapshot';
import type { TrueChange } from './true-changes';

/** Columns of a table that the entities keep from the trail, in lower case. */
export interface Hidden {
  /** `@NotAudited()`: in no image, and no change. */
  left: ReadonlySet<string>;
  /** `@Redacted()`: that it changed, never to what. */
  redacted: ReadonlySet<string>;
}

export type HiddenColumns = ReadonlyMap<string, Hidden>;

const none: Hidden = { left: new Set(), redacted: new Set() };

/** What the decorators say, by table in lower case; read here once more, lest a fault in the library's reading pass. */
export function hiddenColumns(metadatas: readonly EntityMetadata[]): HiddenColumns {
  const tables = new Map<string, { left: Set<string>; redacted: Set<string> }>();
  for (const { tablePath, columns } of metadatas) {
    const table = tables.get(tablePath.toLowerCase()) ?? { left: new Set<string>(), redacted: new Set<string>() };
    tables.set(tablePath.toLowerCase(), table);
    for (const column of columns) {
      const target = column.embeddedMetadata?.type ?? column.target;
      if (typeof target !== 'function') continue;
      const marked = (mark: string): boolean =>
        Reflect.getMetadata(
          Symbol.for(`typeorm-audit-trail:${mark}`),
          target.prototype as object,
          column.propertyName,
        ) === true;
      const name = column.databaseName.toLowerCase();
      if (marked('not-audited') && !column.isPrimary) table.left.add(name);
      else if (marked('redacted')) table.redacted.add(name);
    }
  }
  return tables;
}

export function hiddenOf(hidden: HiddenColumns, table: string): Hidden {
  return hidden.get(table.toLowerCase()) ?? none;
}

/** What the trail has to say of a change, null where nothing that is audited changed. */
export function recordable(change: TrueChange, hidden: HiddenColumns): TrueChange | null {
  const { left, redacted: secret } = hiddenOf(hidden, change.table);
  const { before, after } = change;
  const mark = (row: Row | null, other: Row | null): Row | null =>
    row &&
    makeRow(
      Object.entries(row)
        .filter(([column]) => !left.has(column.toLowerCase()))
        .map(([column, cell]) => {
          if (!secret.has(column.toLowerCase())) return [column, cell];
          return [column, other && other[column] !== cell ? redactedAnew : redacted];
        }),
    );
  const marked = { table: change.table, before: mark(before, null), after: mark(after, before) };
  const differs = !before || !after || Object.keys(marked.after!).some((column) => before[column] !== after[column]);
  return differs ? marked : null;
}

/** Only the columns whose values the trail holds. */
export function visibleRow(row: Row | null, { left, redacted: secret }: Hidden): Row | null {
  if (!row) return null;
  const isVisible = (column: string): boolean => !left.has(column.toLowerCase()) && !secret.has(column.toLowerCase());
  return makeRow(Object.entries(row).filter(([column]) => isVisible(column)));
}

export function visibleSnapshot(snapshot: Snapshot, hidden: HiddenColumns): Snapshot {
  return new Map(
    [...snapshot].map(([name, table]): [string, TableState] => {
      const ofTable = hiddenOf(hidden, name);
      const columns = Object.keys(visibleRow(makeRow(table.columns.map((column) => [column, ''])), ofTable)!);
      const state: TableState = { columns, key: table.key, rows: new Map() };
      for (const { row, count } of table.rows.values()) {
        for (let n = 0; n < count; n += 1) addRow(state, visibleRow(row, ofTable)!);
      }
      return [name, state];
    }),
  );
}
