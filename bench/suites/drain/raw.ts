import Database from 'better-sqlite3';
import { setPragmas } from '../../support/databases';
import { collectGarbage, type Cost, measure } from '../../support/measure';
import { sliceRows } from './contestant';

type Row = unknown[];

interface Table {
  insert: Database.Statement;
  rows: Row[];
}

/** Single prepared inserts of the final rows, with all their indexes, in transactions of the drain's size. */
export async function writeRaw(file: string, drained: string): Promise<Cost> {
  const database = new Database(file);
  setPragmas(database);
  const source = new Database(drained, { readonly: true });
  const entries = tableOf(database, source, 'audit_entry');
  const contexts = tableOf(database, source, 'audit_context');
  const rollups = tableOf(database, source, 'audit_rollup');
  source.close();
  const slices = Math.ceil(entries.rows.length / sliceRows);
  const part = ({ rows }: Table, slice: number) =>
    rows.slice(Math.floor((slice * rows.length) / slices), Math.floor(((slice + 1) * rows.length) / slices));
  // What is bound is made before the clock starts.
  const work = Array.from({ length: slices }, (_, slice) =>
    [entries, contexts, rollups].map((table) => ({ insert: table.insert, rows: part(table, slice) })),
  );
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  collectGarbage();
  const cost = await measure(() => {
    for (const tables of work) {
      begin.run();
      for (const { insert, rows } of tables) for (const row of rows) insert.run(...row);
      commit.run();
    }
  });
  database.close();
  return cost;
}

function tableOf(database: Database.Database, source: Database.Database, name: string): Table {
  const select = source.prepare(`SELECT * FROM ${name}`).raw();
  const columns = select.columns().map((column) => column.name);
  const values = columns.map(() => '?').join(', ');
  return {
    insert: database.prepare(`INSERT INTO ${name} (${columns.join(', ')}) VALUES (${values})`),
    rows: select.all() as Row[],
  };
}
