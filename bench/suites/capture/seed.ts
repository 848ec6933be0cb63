import type { Database } from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import { Invoice, Label, newInvoice } from '../../support/entities';
import { seeded } from './write-path';

const tables = ['invoice_labels_label', 'parcel_item', 'parcel', 'invoice', 'label'];
const copied = ['invoice', 'label'];

/** Fills the tables, and keeps a copy of them beside. */
export async function seed(dataSource: DataSource, handle: Database): Promise<void> {
  const chunk = 50;
  for (let from = 1; from <= seeded.invoices; from += chunk) {
    await dataSource.manager.insert(
      Invoice,
      Array.from({ length: chunk }, (_, index) => newInvoice(from + index)),
    );
  }
  await dataSource.manager.insert(
    Label,
    Array.from({ length: seeded.labels }, (_, index) => ({ name: `label ${index}` })),
  );
  for (const table of copied) handle.exec(`CREATE TABLE bench_${table} AS SELECT * FROM ${table}`);
}

/** The tables as they were after `seed`. Below TypeORM, so whoever records it must forget it. */
export function restore(handle: Database): void {
  handle.exec('BEGIN IMMEDIATE');
  for (const table of tables) handle.exec(`DELETE FROM ${table}`);
  for (const table of [...copied].reverse()) handle.exec(`INSERT INTO ${table} SELECT * FROM bench_${table}`);
  handle.exec(`UPDATE sqlite_sequence SET seq = (SELECT count(*) FROM bench_invoice) WHERE name = 'invoice'`);
  handle.exec('COMMIT');
}
