import type { Engine } from '../dialect/engine';
import type { Condition } from '../dialect/store-sql';
import { InvalidQueryError } from '../errors';
import { parseInstant } from '../reading';
import type { Moment } from '../reports';
import type { EntryReader, EntryRow, RecordedImage } from '../store/entry-reader';
import { KeyLog, type RowKey } from './row-log';

/** A row as the log has it at a moment. */
export interface RecordedState {
  /** Null where it did not exist. */
  recorded: RecordedImage | null;
  /**
   * An entry after the moment by which a row left or reached the key while another had it: who has the key since is not
   * the row of that moment.
   */
  strangerSince: EntryRow | null;
}

/** @throws InvalidQueryError */
export function momentCondition(at: Moment): Condition {
  if (typeof at === 'object' && !(at instanceof Date)) {
    const { beforeEntry } = at;
    if (Number.isSafeInteger(beforeEntry) && beforeEntry > 0) return { sql: 'e.id < ?', values: [beforeEntry] };
    throw new InvalidQueryError('beforeEntry must be the id of an entry.', { value: beforeEntry });
  }
  const instant = at instanceof Date ? at.getTime() : parseInstant('at', at);
  if (Number.isNaN(instant)) throw new InvalidQueryError('at must be a valid date.', { value: at });
  return { sql: 'e.recorded_at <= ?', values: [instant] };
}

/**
 * The row that had the key at the moment; where none had it, the first that came to it afterwards, as it was under its
 * own key then. A row that the trail first saw later is taken to have been until then what its first entry says it was
 * before, or what its baseline found.
 */
export function readState(reader: EntryReader, engine: Engine, key: RowKey, moment: Condition): RecordedState {
  const log = new KeyLog(reader, engine, key);
  return stateAt(log, moment, undefined);
}

/** @param departure the entry by which the row that is looked for left this key, after the moment */
function stateAt(log: KeyLog, moment: Condition, departure: number | undefined): RecordedState {
  const upTo = departure === undefined ? [] : [{ sql: 'e.id <= ?', values: [departure] }];
  const until = departure === undefined ? [] : [{ sql: 'e.id < ?', values: [departure] }];
  const movedAfter = (id: number) => log.firstMove([{ sql: 'e.id > ?', values: [id] }, ...until]) ?? null;
  const latest = log.last([moment, ...until]);
  if (latest && latest.after_image !== null && !log.isDeparture(latest)) {
    return { recorded: image(latest, 'after_image'), strangerSince: movedAfter(latest.id) };
  }
  const next = log.first([{ sql: 'e.id > ?', values: [latest?.id ?? 0] }, ...upTo]);
  if (!next || log.isDeparture(next) || next.moved_from === null) {
    // Not in the log before it: what it was then is what it was until its first change.
    const first = latest ? undefined : next;
    const recorded = first && image(first, first.operation === 'baseline' ? 'after_image' : 'before_image');
    return { recorded: recorded ?? null, strangerSince: movedAfter(latest?.id ?? 0) };
  }
  const state = stateAt(log.at(next.moved_from), moment, next.id);
  return { ...state, strangerSince: state.strangerSince ?? movedAfter(next.id) };
}

function image(row: EntryRow, column: 'before_image' | 'after_image'): RecordedImage | null {
  const text = row[column];
  return text === null ? null : { image: text, entity: row.entity, mapId: row.schema_version };
}
