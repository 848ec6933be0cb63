import { diffImages } from '../model/change';
import type { Operation } from '../model/entry';
import type { Image } from '../model/image';
import { differingProperties, translateImage } from '../model/row-differences';
import type { StoredValue } from '../model/stored-value';
import type { TableMap } from '../model/table-map';
import type { Difference } from '../reports';
import type { NewEntry } from '../store/entry-writer';
import type { LastImage } from '../store/trail-images';
import type { CheckedTable } from './checked-table';

/** A row that differs, with the images that an entry about it would have. */
export interface Finding extends Difference {
  /** Key of the row as stored; undefined where its columns are other ones now. */
  key: StoredValue[] | undefined;
  /** Number of the last entry about the row, 0 without one. */
  entry: number;
  before: Image | null;
  after: Image | null;
  schemaVersion: number;
}

/** Compares a live row with what the trail says of it at last; undefined where they are the same. */
export function compareRow(
  table: CheckedTable,
  row: readonly StoredValue[],
  last: (LastImage & { map: TableMap }) | undefined,
  hasBaseline: boolean,
): Finding | undefined {
  const image = table.text.image(row);
  if (last?.after === image && last.mapId === table.mapId) return undefined;
  const found = {
    table: table.map.table,
    entity: table.text.entity(row),
    entityId: table.text.entityId(row),
    schemaVersion: table.mapId,
    key: keyOf(table, row),
    entry: last?.entry ?? 0,
  };
  if (!last || last.after === null) {
    const kind = last || hasBaseline ? 'added' : 'unknown';
    return { kind, ...found, fields: [], before: null, after: JSON.parse(image) as Image };
  }
  const then = JSON.parse(last.after) as Image;
  const fields = differingProperties(table.map, row, then, last.map, last.origin !== null);
  if (fields.length === 0) return undefined;
  const before = translateImage(table.map, then, last.map);
  return { kind: 'changed', ...found, fields, before, after: JSON.parse(image) as Image };
}

/** A row that the trail has and the table has not. @param entity its name of today */
export function missingRow(
  table: CheckedTable,
  entity: string,
  { entityId, mapId, entry, after }: LastImage,
  key: StoredValue[] | undefined,
): Finding {
  const before = JSON.parse(after!) as Image;
  const found = { table: table.map.table, entity, entityId, key, entry };
  return { kind: 'missing', ...found, fields: [], before, after: null, schemaVersion: mapId };
}

function keyOf({ keyed, map }: CheckedTable, row: readonly StoredValue[]): StoredValue[] {
  return keyed.key.map((name) => row[map.columns.findIndex((column) => column.name === name)] ?? null);
}

/** The entry that records a finding. */
export function toReconcileEntry(
  finding: Finding,
  common: { transactionId: string; context: string | null; recordedAt: number },
): NewEntry {
  const { table, entity, entityId, before, after, schemaVersion } = finding;
  const operation: Operation = 'reconcile';
  const fields = diffImages(before, after).map(({ field }) => field);
  return { ...common, table, entity, entityId, operation, before, after, fields, schemaVersion, movedFrom: null };
}
