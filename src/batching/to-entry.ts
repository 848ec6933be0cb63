import { changesNothing, describeChange, diffImages } from '../model/change';
import type { Marker } from '../model/marker';
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
    const event = JSON.parse(record.event) as AuditEvent | Marker;
    const described = 'name' in event ? describeEvent(event) : describeMarker(event);
    return { transactionId, recordedAt, context, ...described, before: null, schemaVersion: 0 };
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

type Described = Pick<NewEntry, 'entity' | 'table' | 'entityId' | 'operation' | 'after' | 'fields'>;

function describeEvent({ name, data, entity, entityId }: AuditEvent): Described {
  const after = { name, ...(data !== undefined && { data }) };
  const fields = Object.keys(after);
  return { entity: entity ?? '', table: '', entityId: entityId ?? null, operation: 'event', after, fields };
}

function describeMarker({ marker, entity, table }: Marker): Described {
  return { entity, table, entityId: null, operation: marker, after: null, fields: [] };
}
