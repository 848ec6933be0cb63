import type { Entry } from './entry';
import { keyOf, sameRow, type Shapes, shapeOf } from './shape';
import { copySnapshot, type Snapshot } from './snapshot';
import type { Row } from './stored';

/**
 * The first oracle: the entries, applied forwards to the tables as they were, give the tables as they are, and
 * backwards the reverse. On the way each row must be what the entry says it was, so that an entry that is missing,
 * doubled, invented or out of order is found even where a later one covers it up.
 *
 * @returns what does not hold, nothing where all is well
 */
export function replay(shapes: Shapes, before: Snapshot, entries: readonly Entry[], after: Snapshot): string[] {
  return [
    ...replayOneWay(shapes, before, entries, after).map((problem) => `forwards: ${problem}`),
    ...replayOneWay(shapes, after, [...entries].reverse().map(reversed), before).map(
      (problem) => `backwards: ${problem}`,
    ),
  ];
}

function reversed(entry: Entry): Entry {
  return { ...entry, before: entry.after, after: entry.before };
}

function replayOneWay(shapes: Shapes, start: Snapshot, entries: readonly Entry[], goal: Snapshot): string[] {
  const state = copySnapshot(start);
  const problems: string[] = [];
  for (const { id, table, before, after } of entries) {
    const shape = shapeOf(shapes, table);
    const rows = state.get(table)!;
    if (before) {
      const key = keyOf(shape, before);
      const row = rows.get(key);
      if (!row) problems.push(`entry ${id} needs a row ${key} of ${table}, and there is none`);
      else if (!sameRow(row, before)) problems.push(`entry ${id}, ${table} ${key}: ${difference(row, before)}`);
      rows.delete(key);
    }
    if (after) {
      const key = keyOf(shape, after);
      if (rows.has(key)) problems.push(`entry ${id} makes a row ${key} of ${table}, and it is there already`);
      rows.set(key, after);
    }
  }
  for (const table of Object.keys(shapes)) problems.push(...compareTables(table, state.get(table)!, goal.get(table)!));
  return problems;
}

function compareTables(table: string, replayed: ReadonlyMap<string, Row>, real: ReadonlyMap<string, Row>): string[] {
  const problems: string[] = [];
  for (const key of new Set([...replayed.keys(), ...real.keys()])) {
    const was = replayed.get(key);
    const is = real.get(key);
    if (!was) problems.push(`${table} has a row ${key} that no entry makes`);
    else if (!is) problems.push(`the entries leave a row ${key} that ${table} does not have`);
    else if (!sameRow(was, is)) problems.push(`${table} ${key} in the end: ${difference(was, is)}`);
  }
  return problems;
}

function difference(replayed: Row, real: Row): string {
  return Object.keys({ ...replayed, ...real })
    .filter((column) => replayed[column] !== real[column])
    .map((column) => `${column} is ${replayed[column]} by the entries so far, and ${real[column]}`)
    .join('; ');
}
