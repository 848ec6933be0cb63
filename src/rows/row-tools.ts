import type { Engine } from '../dialect/engine';
import type { LiveColumn, LiveTable, RevertSql } from '../dialect/revert-sql';
import type { Image } from '../model/image';
import type { RecordedNames } from '../model/recorded-names';
import { alignMap } from '../model/row-names';
import type { TableMap } from '../model/table-map';
import type { EntryReader, RecordedImage } from '../store/entry-reader';
import type { MetaStore } from '../store/meta-store';
import { type Restorable, restorable } from './restorable';

/** What knows and reads a row: the trail, and its table. All of it only asks. */
export interface RowTools {
  revertSql: RevertSql;
  meta: MetaStore;
  names: RecordedNames;
  reader: EntryReader;
  /** The map of a captured table as it is now; undefined for any other. */
  mapOfToday(table: LiveTable): TableMap | undefined;
}

/** The table as it is now, without columns where it is not there. */
export function liveTable({ revertSql }: RowTools, engine: Engine, name: string): LiveTable {
  const { sql, parameters } = revertSql.listColumns(name);
  return { name, columns: engine.execute(sql, parameters).rows as LiveColumn[] };
}

/** An image with the map that it was recorded under, the columns of which have their names of today. */
export function imageThen(
  { meta, names }: RowTools,
  engine: Engine,
  { image, mapId }: RecordedImage,
  today: TableMap | undefined,
): { image: Image; map: TableMap } {
  const map = meta.map(engine, mapId);
  return { image: JSON.parse(image) as Image, map: today ? alignMap(map, today, names) : map };
}

/** What can be put back of an image, under the names of today. */
export function restorableOf(tools: RowTools, engine: Engine, table: LiveTable, recorded: RecordedImage): Restorable {
  const { meta, names } = tools;
  const today = tools.mapOfToday(table);
  const then = imageThen(tools, engine, recorded, today);
  const found = restorable(table.columns, today, then.image, then.map);
  const properties = names.properties(meta.map(engine, recorded.mapId));
  const unrestorable = found.unrestorable.map((column) => ({
    ...column,
    property: properties.get(column.property) ?? column.property,
  }));
  return { ...found, unrestorable };
}
