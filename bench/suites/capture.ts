import { join } from 'node:path';
import type { Suite, SuiteOptions } from '../suite';
import { Child } from '../support/child';
import {
  type ContestantName,
  contestantNames,
  type RoundAnswer,
  type RoundRequest,
  type Sample,
} from './capture/contestant';
import { type PathRounds, report } from './capture/report';
import { writePaths } from './capture/write-paths';

type Contestants = Map<ContestantName, Child<RoundRequest, RoundAnswer>>;

export const captureSuite: Suite = {
  name: 'capture',
  describes: 'CPU time of writes: plain, audited, by a hand-written subscriber, and one prepared insert of the record',
  async run(options) {
    const { quick, match } = options;
    const paths = writePaths.filter(({ name }) => name.includes(match));
    if (paths.length === 0)
      throw new Error(`There is no write path "${match}": ${writePaths.map(({ name }) => name).join(', ')}.`);
    // No process is quite like another, even of the same program: figures are taken in several.
    const generations = quick ? 1 : 3;
    const rounds = Math.ceil((options.rounds ?? (quick ? 5 : 24)) / generations);
    // Code is compiled while it runs, the better the more often it did.
    const warmUps = quick ? 2 : 6;
    const results: PathRounds[] = paths.map((path) => ({
      path,
      operations: quick ? Math.ceil(path.operations / 4) : path.operations,
      rounds: new Map(contestantNames.map((name) => [name, []])),
    }));
    for (let generation = 1; generation <= generations; generation += 1) {
      const contestants = start(options, generation);
      try {
        const samples = new Map<string, Sample>();
        for (let round = -warmUps; round < rounds; round += 1) {
          options.progress(
            `processes ${generation} of ${generations}, ` +
              (round < 0 ? `warm-up ${round + warmUps + 1} of ${warmUps}` : `round ${round + 1} of ${rounds}`),
          );
          for (const result of results) await takeTurns(contestants, result, round, samples);
        }
      } finally {
        await Promise.all([...contestants.values()].map((child) => child.stop()));
      }
    }
    return report(results, quick);
  },
};

function start({ folder }: SuiteOptions, generation: number): Contestants {
  const program = join(__dirname, 'capture', 'process.js');
  return new Map(
    contestantNames.map((name) => [name, new Child(program, [name, join(folder, `${name}-${generation}.sqlite`)])]),
  );
}

/** One round of a path: each contestant once, another one first each time. Rounds below 0 only warm up. */
async function takeTurns(
  contestants: Contestants,
  { path, operations, rounds }: PathRounds,
  round: number,
  samples: Map<string, Sample>,
): Promise<void> {
  const first = Math.max(0, round) % contestantNames.length;
  for (const name of [...contestantNames.slice(first), ...contestantNames.slice(0, first)]) {
    const takeSample = name === 'auditedWithoutDrain' && !samples.has(path.name);
    const request = { path: path.name, operations, sample: undefined, takeSample };
    const answer = await contestants
      .get(name)!
      .ask(name === 'floor' ? { ...request, sample: samples.get(path.name) } : request);
    if (answer.sample) samples.set(path.name, answer.sample);
    if (round >= 0) rounds.get(name)!.push(answer);
  }
}
