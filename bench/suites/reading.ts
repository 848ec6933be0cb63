import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { ReadTimeoutError } from '../../src/errors';
import { encodeCursor } from '../../src/model/cursor';
import type { Suite, SuiteOptions } from '../suite';
import { checkLog } from '../support/log/check-log';
import { fillLog } from '../support/log/fill-log';
import { openLog } from '../support/log/open-log';
import { type Distribution, randomNumbers } from '../support/log/random';
import { quantile } from '../support/statistics';
import { figure, type TableText } from '../support/table';
import { type Draw, readKinds } from './reading/queries';

const sizes = [100_000, 1_000_000, 10_000_000];
const quickSizes = [10_000];
const distributions: readonly Distribution[] = ['even', 'skewed'];
/** Entries whose roll-ups are counted in full. */
const mostChecked = 1_000_000;
const days = 60;

interface Reading {
  name: string;
  count: number;
  p50Milliseconds: number;
  p99Milliseconds: number;
  maxMilliseconds: number;
  /** Of those, how many had no answer within `readTimeoutMs`. */
  endedByDeadline: number;
}

interface LogFigures {
  entries: number;
  distribution: Distribution;
  readings: Reading[];
}

export const readingSuite: Suite = {
  name: 'reading',
  describes: 'pages of recent and history, stats and dashboard, on logs of 100,000 to 10,000,000 entries',
  async run(options) {
    const logs: LogFigures[] = [];
    const problems: string[] = [];
    for (const entries of options.size === undefined ? (options.quick ? quickSizes : sizes) : [options.size]) {
      for (const distribution of distributions.filter((name) => name.includes(options.match))) {
        const file = join(options.folder, 'log.sqlite');
        try {
          await fill(file, entries, distribution, options);
          if (entries <= mostChecked) problems.push(...checkLog(file));
          logs.push({ entries, distribution, readings: await read(file, entries, options) });
        } finally {
          for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
        }
      }
    }
    const measured = distributions.filter((name) => logs.some(({ distribution }) => distribution === name));
    return { tables: measured.map((name) => tableOf(logs, name)), figures: { days, logs }, problems };
  },
};

async function fill(file: string, entries: number, distribution: Distribution, options: SuiteOptions): Promise<void> {
  let told = 0;
  const onProgress = (written: number) => {
    if (written < entries && performance.now() - told < 10_000) return;
    told = performance.now();
    options.progress(`${distribution}: ${written} of ${entries} entries written`);
  };
  await fillLog({ file, entries, distribution, days, seed: 1, onProgress });
}

async function read(file: string, entries: number, { quick, rounds, progress }: SuiteOptions): Promise<Reading[]> {
  const { trail, close } = await openLog(file);
  const random = randomNumbers(entries);
  const number = (count: number) => Math.floor(random() * count);
  const draw: Draw = {
    entries,
    number,
    entry: async () => (await trail.recent({ cursor: encodeCursor(2 + number(entries)), limit: 1 })).entries[0]!,
  };
  try {
    const readings: Reading[] = [];
    for (const { name, isSearch, prepare } of readKinds) {
      progress(name);
      const times: number[] = [];
      let endedByDeadline = 0;
      const count = isSearch ? 2 : (rounds ?? (quick ? 20 : 300));
      // The first two only warm up; a search through the whole log is too long to need it.
      for (let round = isSearch ? 0 : -2; round < count; round += 1) {
        const ask = await prepare(draw);
        const start = performance.now();
        try {
          await ask(trail);
        } catch (error) {
          if (!isSearch || !(error instanceof ReadTimeoutError)) throw error;
          endedByDeadline += 1;
        }
        if (round >= 0) times.push(performance.now() - start);
      }
      readings.push({
        name,
        count,
        p50Milliseconds: quantile(times, 0.5),
        p99Milliseconds: quantile(times, 0.99),
        maxMilliseconds: Math.max(...times),
        endedByDeadline,
      });
    }
    return readings;
  } finally {
    await close();
  }
}

function tableOf(logs: readonly LogFigures[], distribution: Distribution): TableText {
  const columns = logs.filter((log) => log.distribution === distribution);
  return {
    title: `Milliseconds of a read, p50 / p99, ${distribution} log of 200 entities and 10,000 actors`,
    head: ['', ...columns.map(({ entries }) => entries.toLocaleString('en-US')), 'growth of p50'],
    rows: readKinds.map(({ name }, index) => {
      const readings = columns.map(({ readings }) => readings[index]!);
      const growth = readings.at(-1)!.p50Milliseconds / readings[0]!.p50Milliseconds;
      const times = readings.map(({ p50Milliseconds, p99Milliseconds, endedByDeadline }) =>
        endedByDeadline > 0 ? 'ended by deadline' : `${figure(p50Milliseconds)} / ${figure(p99Milliseconds)}`,
      );
      return [name, ...times, `${figure(growth)} ×`];
    }),
    notes: ['reach: recent and history p99 ≤ 10, stats and dashboard ≤ 50 and ≤ 1.5 × from 100,000 to 10,000,000'],
  };
}
