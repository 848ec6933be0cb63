import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Suite } from '../suite';
import { Child } from '../support/child';
import { checkLog, countLog } from '../support/log/check-log';
import { plotSvg } from '../support/plot';
import { figure } from '../support/table';
import type { DayAnswer, DayRequest, DaySample } from './day/process';

/** 875 devices that report every 30 seconds for a day. */
const devices = 875;
const dayOfChanges = devices * 2 * 60 * 24;
const mostPoints = 240;

export const daySuite: Suite = {
  name: 'day',
  describes: 'a day of 875 devices, 2,520,000 changes, as fast as it goes: rate, backlog, memory, and nothing lost',
  async run({ quick, size, folder, progress }) {
    const changes = quick ? 20_000 : (size ?? dayOfChanges);
    const file = join(folder, 'day.sqlite');
    progress(`${changes} changes`);
    const child = new Child<DayRequest, DayAnswer>(join(__dirname, 'day', 'process.js'), []);
    let answer: DayAnswer;
    try {
      answer = await child.ask({ file, devices, changes });
    } finally {
      await child.stop();
    }
    const { writtenSeconds, drainedSeconds, samples, totalEntries, updates } = answer;
    const counted = countLog(file);
    const problems = checkLog(file);
    const expected = { insert: devices, update: changes };
    if (counted.insert !== expected.insert || counted.update !== expected.update || updates !== changes) {
      problems.push(
        `day: ${JSON.stringify(expected)} changed, ${JSON.stringify(counted)} entries, ${updates} by stats`,
      );
    }
    if (totalEntries !== devices + changes) problems.push(`day: stats tells of ${totalEntries} entries`);
    const svg = changes === dayOfChanges ? join('docs', 'day.svg') : join('bench', 'results', 'day.svg');
    mkdirSync(dirname(svg), { recursive: true });
    writeFileSync(svg, plot(samples, changes));

    const peak = (of: (sample: DaySample) => number) => Math.max(...samples.map(of));
    const figures = {
      changes,
      writtenSeconds,
      drainedSeconds,
      changesPerSecond: changes / writtenSeconds,
      peakPending: peak(({ pending }) => pending),
      peakRssMegabytes: peak(({ rssMegabytes }) => rssMegabytes),
      peakHeapMegabytes: peak(({ heapMegabytes }) => heapMegabytes),
      samples,
    };
    return {
      tables: [
        {
          title: `${changes.toLocaleString('en-US')} changes of ${devices} devices, as fast as it goes`,
          head: ['', ''],
          rows: [
            ['changes/s', figure(figures.changesPerSecond)],
            ['all written after, s', figure(writtenSeconds)],
            ['all drained after, s', figure(drainedSeconds)],
            ['peak backlog, changes', figure(figures.peakPending)],
            ['peak memory (rss), MB', figure(figures.peakRssMegabytes)],
            ['peak heap, MB', figure(figures.peakHeapMegabytes)],
          ],
          notes: [`a curve of backlog and memory is in ${svg}`],
        },
      ],
      figures,
      problems,
    };
  },
};

function plot(samples: readonly DaySample[], changes: number): string {
  const step = Math.ceil(samples.length / mostPoints);
  const shown = samples.filter((_, index) => index % step === 0 || index === samples.length - 1);
  const curve = (of: (sample: DaySample) => number) => shown.map((sample) => [sample.seconds, of(sample)] as const);
  const title = `${changes.toLocaleString('en-US')} audited changes of ${devices} devices, as fast as it goes`;
  return plotSvg(title, 'seconds', [
    { label: 'Backlog of the drain', unit: 'changes', points: curve(({ pending }) => pending) },
    { label: 'Memory of the process (rss)', unit: 'MB', points: curve(({ rssMegabytes }) => rssMegabytes) },
    { label: 'Changes written', unit: 'in all', points: curve(({ changes }) => changes) },
  ]);
}
