import type { EntityManager } from 'typeorm';
import type { Slice } from '../batching/drain-slice';
import type { Capture } from '../capture/instrument';
import type { Dialect } from '../dialect/dialect';
import type { Engine } from '../dialect/engine';
import type { LiveColumn } from '../dialect/revert-sql';
import type { Image } from '../model/image';
import { alignMap } from '../model/row-names';
import type { TableMap } from '../model/table-map';
import type { EntryReader, RecordedImage } from '../store/entry-reader';
import { type Restorable, restorable } from './restorable';

/** What a trail lends to the reading and reverting of rows. */
export interface RowTools {
  dialect: Dialect;
  capture: Capture;
  reader: EntryReader;
  manager: EntityManager;
  /** Drains what is pending now, in transactions of its own. */
  flush(): Promise<unknown>;
  /** One slice of the drain within the caller's transaction. */
  drainSlice(engine: Engine): Slice;
  /** Told of each slice whose transaction was committed. */
  drained(slice: Slice): void;
}

/** The map of a captured table as it is now; undefined for any other. */
export function mapOfToday({ capture }: RowTools, table: string): TableMap | undefined {
  const plan = capture.plan.tables.find((planned) => planned.table === table);
  return plan && capture.triggers.mapOf(plan);
}

/** An image with the map that it was recorded under, the columns of which have their names of today. */
export function imageThen(
  { capture }: RowTools,
  engine: Engine,
  { image, mapId }: RecordedImage,
  today: TableMap | undefined,
): { image: Image; map: TableMap } {
  const map = capture.meta.map(engine, mapId);
  return { image: JSON.parse(image) as Image, map: today ? alignMap(map, today, capture.plan.names) : map };
}

/** What can be put back of an image, under the names of today. */
export function restorableOf(tools: RowTools, engine: Engine, table: string, recorded: RecordedImage): Restorable {
  const today = mapOfToday(tools, table);
  const then = imageThen(tools, engine, recorded, today);
  const live = engine.execute(tools.dialect.revertSql.listColumns(table)).rows as LiveColumn[];
  const found = restorable(live, today, then.image, then.map);
  const names = tools.capture.plan.names.properties(tools.capture.meta.map(engine, recorded.mapId));
  const unrestorable = found.unrestorable.map((column) => ({
    ...column,
    property: names.get(column.property) ?? column.property,
  }));
  return { ...found, unrestorable };
}
