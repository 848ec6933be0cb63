/** A contestant in a process of its own: `process.js <name>`. Does a round at a time, as the parent asks. */
import Database from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../../../src/index';
import { serve } from '../../support/child';
import { optionsOf } from '../../support/databases';
import { collectGarbage, type Cost, measure } from '../../support/measure';
import type { ContestantName, RoundAnswer, RoundRequest } from './contestant';
import { writeRaw } from './raw';

const name = process.argv[2] as ContestantName;

async function drain(file: string): Promise<Cost> {
  const dataSource = new DataSource(optionsOf(file));
  const trail = await AuditTrail.attach(dataSource, { drain: false });
  collectGarbage();
  const cost = await measure(async () => void (await trail.flush()));
  await dataSource.destroy();
  return cost;
}

function countRows(file: string): Record<string, number> {
  const database = new Database(file, { readonly: true });
  const names = ['audit_outbox', 'audit_entry', 'audit_context', 'audit_rollup'];
  const rows = names.map((table) => [table, database.prepare(`SELECT count(*) FROM ${table}`).pluck().get()]);
  database.close();
  return Object.fromEntries(rows);
}

serve(async ({ file, drained }: RoundRequest): Promise<RoundAnswer> => {
  const cost = name === 'drain' ? await drain(file) : await writeRaw(file, drained);
  return { ...cost, rows: countRows(file) };
});
