import { performance } from 'node:perf_hooks';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { AuditTrail } from '../../src/index';
import type { Suite } from '../suite';
import { optionsOf } from '../support/databases';
import { newInvoice } from '../support/entities';
import { spreadOf } from '../support/statistics';
import { spreadText } from '../support/table';

const kinds = ['baseline', 'baseline again', 'doctor'] as const;

type Rates = Record<(typeof kinds)[number], number[]>;

export const checksSuite: Suite = {
  name: 'checks',
  describes: 'rows a second of a baseline, of one that finds everything done, and of doctor',
  async run({ quick, size, rounds: asked, folder, progress }) {
    const rows = size ?? (quick ? 5_000 : 200_000);
    const rounds = asked ?? (quick ? 1 : 5);
    const rates: Rates = { baseline: [], 'baseline again': [], doctor: [] };
    const problems: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      progress(`round ${round + 1} of ${rounds}: ${rows} rows`);
      problems.push(...(await check(join(folder, `checks-${round}.sqlite`), rows, rates)));
    }
    const spreads = kinds.map((kind) => ({ kind, rowsPerSecond: spreadOf(rates[kind]) }));
    return {
      tables: [
        {
          title: `A table of ${rows.toLocaleString('en-US')} rows, rows a second by the clock (median, quartiles)`,
          head: ['', 'rows/s'],
          rows: spreads.map(({ kind, rowsPerSecond }) => [kind, spreadText(rowsPerSecond)]),
          notes: ['from the call to the answer: entries written, indexed and counted; reach of the baseline: 75,000'],
        },
      ],
      figures: { rows, rates: spreads },
      problems,
    };
  },
};

/** @returns what is wrong with the answers */
async function check(file: string, rows: number, rates: Rates): Promise<string[]> {
  const dataSource = await new DataSource(optionsOf(file)).initialize();
  await dataSource.query(
    `WITH RECURSIVE number(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM number WHERE n < ?)
    INSERT INTO invoice (customer, status, total, positions, isPaid, details)
    SELECT 'Customer ' || n, 'draft', n || '.25', n % 50, n % 2, ? FROM number`,
    [rows, JSON.stringify(newInvoice(0).details)],
  );
  await dataSource.destroy();

  const audited = new DataSource(optionsOf(file));
  const trail = await AuditTrail.attach(audited);
  const timed = async <T>(kind: keyof Rates, work: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    const answer = await work();
    rates[kind].push(rows / ((performance.now() - start) / 1000));
    return answer;
  };
  const { recorded } = await timed('baseline', () => trail.baseline());
  const { recorded: again } = await timed('baseline again', () => trail.baseline());
  const { counts } = await timed('doctor', () => trail.doctor());
  await audited.destroy();

  const differences = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const problems: string[] = [];
  if (recorded !== rows || again !== 0) problems.push(`checks: ${recorded} and ${again} rows recorded of ${rows}`);
  if (differences !== 0) problems.push(`checks: doctor finds ${differences} differences`);
  return problems;
}
