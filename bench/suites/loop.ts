import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Suite, SuiteResult } from '../suite';
import { makeBacklog } from '../support/backlog';
import { Child } from '../support/child';
import { median } from '../support/statistics';
import { figure } from '../support/table';
import type { Delays, LoopAnswer, LoopRequest } from './loop/request';

const writers = 8;

/** What was seen while the backlog was drained, and afterwards on the same file. */
interface Round {
  draining: LoopAnswer;
  without: LoopAnswer;
}

export const loopSuite: Suite = {
  name: 'loop',
  describes: 'event-loop delay and latency of writers while a backlog is drained, and without one',
  async run({ quick, rounds: asked, size, folder, progress }) {
    const changes = size ?? (quick ? 10_000 : 1_000_000);
    const rounds = asked ?? 1;
    const backlog = join(folder, 'backlog.sqlite');
    progress(`making a backlog of ${changes} changes`);
    await makeBacklog(backlog, changes);
    const results: Round[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const file = join(folder, 'round.sqlite');
      copyFileSync(backlog, file);
      progress(`round ${round} of ${rounds}: writers while it is drained`);
      const draining = await observe(file, { writers, seconds: undefined });
      progress(`round ${round} of ${rounds}: the same writers without a backlog`);
      const without = await observe(file, { writers, seconds: quick ? 2 : 30 });
      results.push({ draining, without });
      rmSync(file);
    }
    return report(results, changes);
  },
};

async function observe(file: string, request: LoopRequest): Promise<LoopAnswer> {
  const child = new Child<LoopRequest, LoopAnswer>(join(__dirname, 'loop', 'process.js'), [file]);
  try {
    return await child.ask(request);
  } finally {
    await child.stop();
  }
}

function report(rounds: Round[], changes: number): SuiteResult {
  const kinds: [string, Delays[]][] = [
    ['event loop, nothing to do', rounds.map(({ draining }) => draining.idle)],
    ['event loop, writers', rounds.map(({ without }) => without.loop)],
    ['event loop, writers and drain', rounds.map(({ draining }) => draining.loop)],
    ['a write', rounds.map(({ without }) => without.writes)],
    ['a write, while drained', rounds.map(({ draining }) => draining.writes)],
  ];
  const measures = ['p50', 'p99', 'max', 'samples'] as const;
  const drainSeconds = median(rounds.map(({ draining }) => draining.seconds));
  return {
    tables: [
      {
        title: `While ${changes.toLocaleString('en-US')} changes are drained, ${writers} writers, milliseconds`,
        head: ['', ...measures],
        rows: kinds.map(([kind, delays]) => [
          kind,
          ...measures.map((name) => {
            const value = median(delays.map((delay) => delay[name]));
            return name === 'samples' ? value.toLocaleString('en-US') : figure(value);
          }),
        ]),
        notes: [
          'event loop: what the monitor of perf_hooks reports at its finest, 1 ms; the first line is what it adds itself.',
          `drained in ${figure(drainSeconds)} s, with the writers at work${rounds.length > 1 ? '; medians of the rounds' : ''}.`,
        ],
      },
    ],
    figures: { changes, writers, monitorResolutionMilliseconds: 1, delaysInMilliseconds: rounds },
    problems: rounds.flatMap((round) => problemsOf(round, changes)),
  };
}

function problemsOf({ draining, without }: Round, changes: number): string[] {
  const problems: string[] = [];
  const afterDrain = changes + draining.written;
  for (const [{ entries, pending, written, writes }, expected] of [
    [draining, afterDrain],
    [without, afterDrain + without.written],
  ] as const) {
    if (entries !== expected) problems.push(`${entries} entries of ${expected} changes`);
    if (pending !== 0) problems.push(`${pending} changes are pending after a flush`);
    if (written === 0 || writes.samples === 0) problems.push('the writers have written nothing');
  }
  return problems;
}
