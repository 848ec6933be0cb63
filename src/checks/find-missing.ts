import type { Engine } from '../dialect/engine';
import type { Image } from '../model/image';
import { storedValues } from '../model/row-differences';
import type { StoredValue } from '../model/stored-value';
import type { LastImage } from '../store/trail-images';
import type { CheckedTable } from './checked-table';
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
  const { names } = run.tools;
  const found = run.images.ids(engine, entity, after, run.chunkSize);
  const ids = found.map(({ id }) => id);
  const { images, isCut } = run.images.last(engine, table.names, ids, { maxBytes: chunkBytes });
  const expected = images
    // A row that changed its class or its name is in the trail under both; it is looked for under the later one.
    .filter((last) => last.entity === entity && last.entityId === last.askedId && last.after !== null)
    .map((last) => ({ last, key: keyOf(run, engine, table, last) }));
  const keyed = expected.flatMap(({ key }) => (key ? [key] : []));
  const present = run.rows.present(engine, table.keyed, keyed);
  const isThere = new Map(keyed.map((key, place) => [key, present[place]!]));
  const gone = expected.filter(({ key }) => !key || !isThere.get(key));
  // The entry that gave the row another key stands under that one.
  const left = run.images.left(
    engine,
    table.names,
    gone.map(({ last }) => last),
  );
  const missing = gone.filter(({ last }) => !left.has(last));
  const lastId = isCut ? images.at(-1)!.askedId : ids.at(-1);
  const done = isCut ? found.slice(0, ids.indexOf(lastId!) + 1) : found;
  return {
    keyed: table.keyed,
    rows: done.reduce((sum, { entries }) => sum + entries, 0),
    findings: missing.map(({ last, key }) => missingRow(table, names.entity(last.entity), last, key)),
    next: isCut || found.length === run.chunkSize ? { after: lastId } : undefined,
  };
}

/** The key in the columns of today; undefined where the image has other ones. */
function keyOf(run: CheckRun, engine: Engine, table: CheckedTable, last: LastImage): StoredValue[] | undefined {
  const columns = table.keyed.key.map((name) => table.map.columns.find((column) => column.name === name)!);
  const image = JSON.parse(last.after!) as Image;
  return storedValues(columns, image, run.mapOf(engine, table, last.mapId));
}
