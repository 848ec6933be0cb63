import type { Engine } from '../dialect/engine';
import type { Condition } from '../dialect/store-sql';
import type { EntryFilter } from '../store/entry-search';
import type { EntryReader, EntryRow } from '../store/entry-reader';
import { KeyLog, merge, type RowKey } from './row-log';

/**
 * A page of the entries of a row, newest first: all that was recorded under its key, and, where a row came to it from
 * another key, what was recorded under that one until then, as far back as it had it; and so on. Which keys those are
 * is found by an index that holds nothing but changes of keys, one look for each.
 */
export function readHistory(
  reader: EntryReader,
  engine: Engine,
  key: RowKey,
  filter: EntryFilter,
  limit: number,
): EntryRow[] {
  const conditions = reader.conditions(filter);
  let log = new KeyLog(reader, engine, key);
  const found = log.entries(conditions, limit, { departures: true });
  let arrival = log.arrival(Infinity);
  while (arrival && !isFull(found, limit, arrival.id)) {
    log = log.at(arrival.movedFrom);
    const until = arrival.id;
    arrival = log.arrival(until);
    found.push(...log.entries([...conditions, between(arrival?.id ?? 0, until)], limit, { departures: false }));
  }
  return merge(found, limit, 'DESC');
}

/** From an entry on, which is the one that brought the row, to before another. */
function between(from: number, to: number): Condition {
  return { sql: 'e.id >= ? AND e.id < ?', values: [from, to] };
}

/** What comes is older than all that is on the page. */
function isFull(found: readonly EntryRow[], limit: number, before: number): boolean {
  return merge(found, limit, 'DESC').filter(({ id }) => id >= before).length === limit;
}
