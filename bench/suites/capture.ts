import { join } from 'node:path';
import type { Suite, SuiteOptions } from '../suite';
import { Child } from '../support/child';
import {
  type ContestantName,
  contestantNames,
  guestName,
  type RoundAnswer,
  type RoundRequest,
  type Sample,
} from './capture/contestant';
import { type PathRounds, report } from './capture/report';
import { guestPackage, isInstalled, keyFault } from './capture/guest-package';
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
    const guest = await invite(options);
    const names: readonly ContestantName[] = guest.comes ? [...contestantNames, guestName] : contestantNames;
    const results: PathRounds[] = paths.map((path) => ({
      path,
      operations: quick ? Math.ceil(path.operations / 4) : path.operations,
      rounds: new Map(names.map((name) => [name, []])),
    }));
    for (let generation = 1; generation <= generations; generation += 1) {
      const contestants = start(names, options, generation);
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
    return report(results, quick, guest.notes);
  },
};

const program = join(__dirname, 'capture', 'process.js');

/** Whether the guest comes: a package that is not installed, or does not run here, takes no part. */
async function invite({ folder }: SuiteOptions): Promise<{ comes: boolean; notes: string[] }> {
  if (!isInstalled(guestPackage)) return { comes: false, notes: [] };
  const child = new Child<RoundRequest, RoundAnswer>(program, [guestName, join(folder, 'guest.sqlite')]);
  try {
    await child.ask({ path: writePaths[0]!.name, operations: 1, sample: undefined, takeSample: false });
    const note = `${guestPackage}: with its key made an integer. As it is published, it stops on SQLite: "${keyFault}".`;
    return { comes: true, notes: [note] };
  } catch (error) {
    return { comes: false, notes: [`${guestPackage} does not run here: ${String(error).split('\n')[0]}`] };
  } finally {
    await child.stop();
  }
}

function start(names: readonly ContestantName[], { folder }: SuiteOptions, generation: number): Contestants {
  return new Map(names.map((name) => [name, new Child(program, [name, join(folder, `${name}-${generation}.sqlite`)])]));
}

/** One round of a path: each contestant once, another one first each time. Rounds below 0 only warm up. */
async function takeTurns(
  contestants: Contestants,
  { path, operations, rounds }: PathRounds,
  round: number,
  samples: Map<string, Sample>,
): Promise<void> {
  const names = [...rounds.keys()];
  const first = Math.max(0, round) % names.length;
  for (const name of [...names.slice(first), ...names.slice(0, first)]) {
    const takeSample = name === 'auditedWithoutDrain' && !samples.has(path.name);
    const request = { path: path.name, operations, sample: undefined, takeSample };
    const answer = await contestants
      .get(name)!
      .ask(name === 'floor' ? { ...request, sample: samples.get(path.name) } : request);
    if (answer.sample) samples.set(path.name, answer.sample);
    if (round >= 0) rounds.get(name)!.push(answer);
  }
}
