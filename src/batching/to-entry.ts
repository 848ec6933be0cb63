import { changesNothing, describeChange, diffImages } from '../model/change';
import type { AuditEvent } from '../reports';
import type { NewEntry } from '../store/entry-writer';
import type { PendingRecord } from '../store/outbox';

/** Turns what the outbox holds into entries: canonical images, operation, names of the fields that differ. */
export function toEntries(records: readonly PendingRecord[]): NewEntry[] {
  return records
    .filter((record) => !(record.kind === 'change' && changesNothing(record.map, record.images)))
    .map(toEntry);
}

function toEntry(record: PendingRecord): NewEntry {
  const { transactionId, recordedAt, context } = record;
  if (record.kind === 'event') {
    const event = JSON.parse(record.event) as AuditEvent;
    const after = { name: event.name, ...(event.data !== undefined && { data: event.data }) };
    return {
      transactionId,
      recordedAt,
      context,
      entity: event.entity ?? '',
      table: '',
      entityId: event.entityId ?? null,
      operation: 'event',
      before: null,
      after,
      fields: Object.keys(after),
      schemaVersion: 0,
    };
  }
  const described = describeChange(record.map, record.images);
  return {
    transactionId,
    recordedAt,
    context,
    ...described,
    table: record.map.table,
    fields: diffImages(described.before, described.after).map(({ field }) => field),
    schemaVersion: record.mapId,
  };
}
