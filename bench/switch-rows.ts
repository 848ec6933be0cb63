import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource, EntitySchema } from 'typeorm';
import { AuditTrail, createDataSource } from '../src/index';
import { switchDatabase, type SwitchReport } from '../src/switch/switch-database';
import { newInvoice } from './support/entities';

/** Like that of most figures, in types that every database knows. */
const Invoice = new EntitySchema({
  name: 'Invoice',
  columns: {
    id: { type: Number, primary: true, generated: true },
    customer: { type: String },
    status: { type: String },
    total: { type: 'decimal', precision: 12, scale: 2 },
    positions: { type: Number },
    isPaid: { type: Boolean },
    details: { type: 'simple-json' },
    createdAt: { type: Date, createDate: true },
    updatedAt: { type: Date, updateDate: true },
  },
});
const entities = [Invoice];
const tellEveryMs = 5000;

/** A table of nine columns there and back; its rows were there before the trail, so the log has no entry of them. */
export async function switchRows(folder: string, to: string, rows: number): Promise<void> {
  const source = `sqlite:${join(folder, `switch-rows-${rows}.sqlite`)}`;
  const back = `sqlite:${join(folder, `switch-rows-${rows}-back.sqlite`)}`;
  if (!existsSync(source.slice('sqlite:'.length))) await fillRows(source, rows);
  const there = await moved('there', source, to);
  const home = await moved('back', to, back);
  const digest = ({ tables }: SwitchReport) => tables.find(({ table }) => table === 'invoice')?.to;
  const isSame = there.ok && home.ok && digest(there) !== undefined && digest(there) === digest(home);
  console.log(isSame ? 'The rows came home as they were.' : 'THE ROWS DID NOT COME HOME AS THEY WERE.');
  if (!isSame) process.exitCode = 1;
}

async function fillRows(url: string, rows: number): Promise<void> {
  const audited = createDataSource(url, { entities, synchronize: true });
  const plain = await new DataSource(audited.options).initialize();
  await plain.query(
    `WITH RECURSIVE number(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM number WHERE n < ?)
    INSERT INTO invoice (customer, status, total, positions, isPaid, details)
    SELECT 'Customer ' || n, 'draft', n || '.25', n % 50, n % 2, ? FROM number`,
    [rows, JSON.stringify(newInvoice(0).details)],
  );
  await plain.destroy();
  await AuditTrail.attach(audited);
  await audited.destroy();
}

async function moved(what: string, from: string, to: string): Promise<SwitchReport> {
  let told = Date.now();
  const report = await switchDatabase(from, to, {
    tables: 'all',
    application: { entities },
    synchronize: true,
    onProgress({ of, phase, done, total, rate }) {
      if (of !== 'rows' || Date.now() - told < tellEveryMs) return;
      told = Date.now();
      console.error(
        `${what}: ${phase} ${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} rows, ${rate}/s`,
      );
    },
  });
  const failed = report.steps.filter(({ status }) => status === 'failed');
  const copied = report.tables.reduce((sum, table) => sum + table.copied, 0);
  console.log(
    `${what}: ${report.ok ? 'ok' : `FAILED ${JSON.stringify(failed)}`}, copied ${copied} rows at ${report.rowRate ?? 0} a second, ` +
      `${(report.durationMs / 1000).toFixed(0)} s in all, with the preflight and the comparison`,
  );
  return report;
}
