import type { Engine } from '../dialect/engine';
import { sameStored } from '../model/codec';
import type { Image } from '../model/image';
import { storedValues } from '../model/row-differences';
import type { LastImage } from '../store/trail-images';
import type { CheckedTable } from './checked-tables';
import { chunkBytes, type CheckRun } from './check-run';
import { missingRow } from './compare-row';
import type { FindingChunk } from './findings';

/** Where a chunk of ids begins: behind this one, or at the first. */
export interface IdPlace {
  after?: string | undefined;
}

/** Looks in the table for the rows that the trail has under one name, a chunk of ids at a time. */
export function findMissing(
  run: CheckRun,
  engine: Engine,
  table: CheckedTable,
  entity: string,
  { after }: IdPlace = {},
): FindingChunk<IdPlace> {
  const { names } = run.tools.capture.plan;
  const found = run.images.ids(engine, entity, after, run.chunkSize);
  const ids = found.map(({ id }) => id);
  const { images, isCut } = run.images.last(engine, table.names, ids, chunkBytes);
  const missing = images
    // A row that changed its class or its name is in the trail under both; it is looked for under the later one.
    .filter((last) => last.entity === entity && last.entityId === last.askedId)
    .filter((last) => last.after !== null && !isThere(run, engine, table, last))
    // The entry that gave the row another key stands under that one.
    .filter((last) => !run.images.hasLeft(engine, table.names, last));
  const lastId = isCut ? images.at(-1)!.askedId : ids.at(-1);
  const done = isCut ? found.slice(0, ids.indexOf(lastId!) + 1) : found;
  return {
    rows: done.reduce((sum, { entries }) => sum + entries, 0),
    findings: missing.map((last) => missingRow(table, names.entity(last.entity), last)),
    next: isCut || found.length === run.chunkSize ? { after: lastId } : undefined,
  };
}

function isThere(run: CheckRun, engine: Engine, table: CheckedTable, last: LastImage): boolean {
  const columns = table.keyed.key.map((name) => table.map.columns.find((column) => column.name === name)!);
  const image = JSON.parse(last.after!) as Image;
  const key = storedValues(columns, image, run.mapOf(engine, table, last.mapId));
  const live = key && run.rows.keyOf(engine, table.keyed, key);
  return live?.every((value, index) => sameStored(value, key![index]!)) ?? false;
}
