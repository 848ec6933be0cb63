import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Suite, SuiteResult } from '../suite';
import { makeBacklog } from '../support/backlog';
import { Child } from '../support/child';
import { ratioOf, spreadOf } from '../support/statistics';
import { spreadText } from '../support/table';
import { type ContestantName, contestantNames, type RoundAnswer, type RoundRequest } from './drain/contestant';

type Rounds = Record<ContestantName, RoundAnswer[]>;

export const drainSuite: Suite = {
  name: 'drain',
  describes: 'entries a second of draining a backlog, against prepared inserts of the same final rows',
  async run({ quick, rounds: asked, size, folder, progress }) {
    const changes = size ?? (quick ? 5000 : 100_000);
    const rounds = asked ?? (quick ? 2 : 7);
    const backlog = join(folder, 'backlog.sqlite');
    const drained = join(folder, 'drained.sqlite');
    progress(`making a backlog of ${changes} changes`);
    await makeBacklog(backlog, changes);

    const children = contestantNames.map((name) => ({
      name,
      child: new Child<RoundRequest, RoundAnswer>(join(__dirname, 'drain', 'process.js'), [name]),
    }));
    const results: Rounds = { drain: [], raw: [] };
    try {
      // The first round warms up, and the drain's file of it has the rows that `raw` writes.
      for (let round = 0; round <= rounds; round += 1) {
        progress(round === 0 ? 'warm-up' : `round ${round} of ${rounds}`);
        for (const { name, child } of round % 2 === 0 ? children : [...children].reverse()) {
          const file = round === 0 && name === 'drain' ? drained : join(folder, `${name}.sqlite`);
          copyFileSync(backlog, file);
          const answer = await child.ask({ file, drained });
          if (round > 0) results[name].push(answer);
          if (file !== drained) rmSync(file);
        }
      }
    } finally {
      await Promise.all(children.map(({ child }) => child.stop()));
    }
    return report(results, changes);
  },
};

function report(results: Rounds, changes: number): SuiteResult {
  const rate = (name: ContestantName, clock: 'cpu' | 'wall') =>
    results[name].map((answer) => (changes / answer[clock]) * 1e6);
  const clocks = (['cpu', 'wall'] as const).map((clock) => ({
    clock,
    drainEntriesPerSecond: spreadOf(rate('drain', clock)),
    rawEntriesPerSecond: spreadOf(rate('raw', clock)),
    percentOfRaw: ratioOf(rate('drain', clock), rate('raw', clock), 100),
  }));
  return {
    tables: [
      {
        title: `Draining ${changes.toLocaleString('en-US')} changes, entries a second (median, quartiles)`,
        head: ['by', 'drain', 'prepared inserts', 'percent'],
        rows: clocks.map(({ clock, drainEntriesPerSecond, rawEntriesPerSecond, percentOfRaw }) => [
          clock === 'cpu' ? 'CPU time' : 'wall clock',
          spreadText(drainEntriesPerSecond),
          spreadText(rawEntriesPerSecond),
          spreadText(percentOfRaw),
        ]),
        notes: [
          'prepared inserts: one for each final row of entries, contexts and roll-ups, with all indexes, in',
          'transactions of the same size. The drain reads the outbox, encodes, and deletes from it as well.',
        ],
      },
    ],
    figures: { changes, clocks },
    problems: contestantNames.flatMap((name) => results[name].flatMap(({ rows }) => problemsOf(name, rows, changes))),
  };
}

function problemsOf(name: ContestantName, rows: Record<string, number>, changes: number): string[] {
  const problems: string[] = [];
  if (rows['audit_entry'] !== changes)
    problems.push(`${name} wrote ${rows['audit_entry']} entries of ${changes} changes`);
  if (name === 'drain' && rows['audit_outbox'] !== 0) problems.push(`the drain left ${rows['audit_outbox']} rows`);
  return problems;
}
