import type { DataSource } from 'typeorm';
import type { Handle } from '../../support/handle';
import { Invoice, Label, newInvoice } from '../../support/entities';
import { seeded } from './write-path';

const tables = ['invoice_labels_label', 'parcel_item', 'parcel', 'invoice', 'label'];
const copied = ['invoice', 'label'];

/** Fills the tables, and keeps a copy of them beside. */
export async function seed(dataSource: DataSource, handle: Handle): Promise<void> {
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
  for (const table of copied) await handle.exec(`CREATE TABLE bench_${table} AS SELECT * FROM ${table}`);
}

/** The tables as they were after `seed`. Below TypeORM, so whoever records it must forget it. */
export async function restore(handle: Handle): Promise<void> {
  await handle.exec('BEGIN IMMEDIATE');
  for (const table of tables) await handle.exec(`DELETE FROM ${table}`);
  for (const table of [...copied].reverse()) await handle.exec(`INSERT INTO ${table} SELECT * FROM bench_${table}`);
  await handle.exec(`UPDATE sqlite_sequence SET seq = (SELECT count(*) FROM bench_invoice) WHERE name = 'invoice'`);
  await handle.exec('COMMIT');
}
