import type { Cell } from './cell';
import { makeRow, type Row } from './snapshot';

/** Row changes by `table.I`, `table.U` and `table.D`; `table.T` are markers that a table was emptied as a whole. */
export type ChangeCounts = Map<string, number>;

/** A row change as it was seen when it happened, with all that the row held. */
export interface TrueChange {
  table: string;
  before: Row | null;
  after: Row | null;
}

/** A change as triggers log it: its kind, and the cells of the row before and of the row after. */
export function loggedChange(
  table: string,
  columns: readonly string[],
  kind: string,
  cells: readonly Cell[],
): TrueChange {
  const before = makeRow(columns.map((column, place) => [column, cells[place]!]));
  const after = makeRow(columns.map((column, place) => [column, cells[columns.length + place]!]));
  return { table, before: kind === 'I' ? null : before, after: kind === 'D' ? null : after };
}

/** Reads `user.I, post.I×2`, or `none`. A table's name may hold dots and commas: the kind is what follows the last dot. */
export function parseCounts(text: string): ChangeCounts {
  const counts: ChangeCounts = new Map();
  if (text === 'none') return counts;
  for (const part of text.split(/, (?=[^,]*\.[IUDT](?:×|,|$))/)) {
    const match = /^(.+\.[IUDT])(?:×(\d+))?$/s.exec(part);
    if (!match?.[1]) throw new Error(`not a list of changes: ${text}`);
    counts.set(match[1], (counts.get(match[1]) ?? 0) + Number(match[2] ?? 1));
  }
  return counts;
}

/** The opposite of `parseCounts`, in an order of its own: equal exactly for equal counts, negative ones included. */
export function describeCounts(counts: ChangeCounts): string {
  const parts = [...counts]
    .filter(([, count]) => count !== 0)
    .map(([name, count]) => (count === 1 ? name : `${name}×${count}`));
  return parts.sort().join(', ') || 'none';
}

export function countChanges(
  changes: readonly { table: string; before: object | null; after: object | null; operation?: string }[],
): ChangeCounts {
  const counts: ChangeCounts = new Map();
  for (const { table, before, after, operation } of changes) {
    const name = `${table}.${operation === 'truncate' ? 'T' : before ? (after ? 'U' : 'D') : 'I'}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** Without markers, of which only the trail knows. */
export function rowsOnly(counts: ChangeCounts): ChangeCounts {
  return new Map([...counts].filter(([name]) => !name.endsWith('.T')));
}

/** Adds up the counts of several stretches. */
export function addCounts(total: ChangeCounts, more: ChangeCounts): ChangeCounts {
  const sum = new Map(total);
  for (const [name, count] of more) sum.set(name, (sum.get(name) ?? 0) + count);
  return sum;
}
