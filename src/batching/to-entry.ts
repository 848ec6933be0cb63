import { ChangeText } from '../model/change-text';
import type { TableMap } from '../model/table-map';
import type { EntryRow } from '../store/entry-writer';
import { parseObject, textOrNull, toContextRecord, type ContextRecord } from '../store/pending-context';
import {
  asBroken,
  BrokenRecordError,
  type BrokenRecord,
  type PendingEvent,
  type PendingRecord,
} from '../store/pending-record';

/** What became of the records of a slice. */
export interface Converted {
  entries: EntryRow[];
  broken: BrokenRecord[];
}

/**
 * Turns what the outbox holds into entries: canonical images, operation, names of the fields that differ. A record that
 * can't be turned into one is isolated, and the rest goes on. Nothing in here reads or writes: what fails is the record.
 * @throws the error where every one of several records fails for a reason that is not in the record: a fault of ours,
 *   which must not put the whole log aside
 */
export function toEntries(records: readonly (PendingRecord | BrokenRecord)[]): Converted {
  const contexts = new Map<string, ContextRecord>();
  const converted: Converted = { entries: [], broken: [] };
  for (const record of records) {
    try {
      const entry = record.kind === 'broken' ? undefined : toEntry(record, contexts);
      if (entry) converted.entries.push(entry);
      if (record.kind === 'broken') converted.broken.push(record);
    } catch (error) {
      converted.broken.push(asBroken(record, error));
    }
  }
  const { broken } = converted;
  if (broken.length > 1 && broken.length === records.length && broken.every((record) => 'fault' in record)) {
    throw broken[0]!.fault;
  }
  return converted;
}

function toEntry(record: PendingRecord, contexts: Map<string, ContextRecord>): EntryRow | undefined {
  if (record.kind === 'event') return toEvent(record, contextOf(record, contexts));
  const { transactionId, recordedAt, map, images, mapId } = record;
  const changed = textOf(map).write(images);
  if (!changed) return undefined;
  const { entity, entityId, operation, before, after, fields, movedFrom } = changed;
  return {
    transactionId,
    recordedAt,
    context: contextOf(record, contexts),
    entity,
    entityId,
    operation,
    before,
    after,
    fields,
    table: map.table,
    schemaVersion: mapId,
    movedFrom,
  };
}

/** Maps are few, and never change. */
const texts = new WeakMap<TableMap, ChangeText>();

function textOf(map: TableMap): ChangeText {
  let text = texts.get(map);
  if (!text) texts.set(map, (text = new ChangeText(map)));
  return text;
}

function toEvent(record: PendingEvent, context: ContextRecord | null): EntryRow {
  const { transactionId, recordedAt } = record;
  const event = parseObject(record.event, 'the event');
  const described = 'name' in event ? describeEvent(event) : describeMarker(event);
  return { transactionId, recordedAt, context, ...described, before: null, schemaVersion: 0, movedFrom: null };
}

type Described = Pick<EntryRow, 'entity' | 'table' | 'entityId' | 'operation' | 'after' | 'fields'>;

/** A business event, as `record()` has written it. */
function describeEvent(event: Record<string, unknown>): Described {
  const { name, data } = event;
  if (typeof name !== 'string') throw new BrokenRecordError('the event has no name');
  const after = { name, ...(data !== undefined && { data }) };
  return {
    entity: textOrNull(event, 'entity', 'the event') ?? '',
    table: '',
    entityId: textOrNull(event, 'entityId', 'the event'),
    operation: 'event',
    after: JSON.stringify(after),
    fields: JSON.stringify(Object.keys(after)),
  };
}

/** A `Marker`, which has no name. */
function describeMarker(event: Record<string, unknown>): Described {
  const { marker } = event;
  const entity = textOrNull(event, 'entity', 'the event');
  const table = textOrNull(event, 'table', 'the event');
  if (marker !== 'truncate' || entity === null || table === null) throw new BrokenRecordError('the event has no name');
  return { entity, table, entityId: null, operation: marker, after: null, fields: '[]' };
}

/** Most records of a slice share a few contexts. */
function contextOf({ context }: PendingRecord, known: Map<string, ContextRecord>): ContextRecord | null {
  if (context === null) return null;
  let record = known.get(context);
  if (!record) known.set(context, (record = toContextRecord(context)));
  return record;
}
