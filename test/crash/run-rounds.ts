import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Checker } from './checker';
import { Random } from './random';
import { type Phase, phases } from './worker/cue';
import { WorkerProcess, type WorkerOptions } from './worker-process';

/** Operations of a round, whenever the kill comes. */
export const leastOperations = 40;

/** `folder` is empty, and also for the database. */
export interface RunOptions extends WorkerOptions {
  rounds: number;
  seed: number;
  /** Kill only in these phases; in any or none unless given. */
  phases?: readonly Phase[];
  /** The log is in a file of its own. */
  isShipped?: boolean;
}

/** How often a worker is killed while it still recovers. */
const earlyKills = 0.2;
/** Operations of all clients before the kill, at least and at most. */
const operations = [leastOperations, 120] as const;
/** Longest time between the worker's word that the time has come and the kill; most are much shorter. */
const longestDelayMs = 30;

/** Rounds on one database; then a new one, so that checks of the whole log stay short, and creating it is met too. */
const roundsOfDatabase = 40;

/** Kills a worker once a round, at a random instant, and checks after each restart that nothing is lost or invented. */
export async function runRounds(options: RunOptions): Promise<Checker> {
  const random = new Random(options.seed);
  const checker = new Checker();
  for (let done = 0; done < options.rounds; done += roundsOfDatabase) {
    const folder = join(options.folder, `database-${done / roundsOfDatabase + 1}`);
    mkdirSync(folder);
    await runOnDatabase(
      { ...options, folder, rounds: Math.min(roundsOfDatabase, options.rounds - done) },
      random,
      checker,
    );
  }
  return checker;
}

async function runOnDatabase(options: RunOptions, random: Random, checker: Checker): Promise<void> {
  const file = join(options.folder, 'crash.sqlite');
  const log = options.isShipped ? join(options.folder, 'audit.sqlite') : file;
  checker.begin(file, log);
  let life = 0;
  const worked = { ...options, ...(options.isShipped && { auditDatabase: `sqlite:${log}` }) };
  const start = () => WorkerProcess.start(worked, file, (life += 1), random.whole(0, 2 ** 31));
  let recoveryMs = 500;
  let worker = start();
  try {
    for (let round = 0; round < options.rounds; round += 1) {
      while (random.chance(earlyKills)) {
        await sleep(random.next() * recoveryMs * 1.2);
        await worker.kill(checker);
        checker.figures.killedInRecovery += 1;
        worker = start();
      }
      const startedAt = Date.now();
      await worker.recovered;
      recoveryMs = Date.now() - startedAt;
      checker.check(worker.journal);
      const phase = options.phases ? random.pick(options.phases) : random.chance(0.5) ? random.pick(phases) : undefined;
      await worker.tell({ operations: random.whole(...operations), phase });
      await sleep(random.next() ** 3 * longestDelayMs);
      await worker.kill(checker);
      worker = start();
    }
    await worker.recovered;
    checker.check(worker.journal);
    checker.checkAll();
  } finally {
    await worker.abandon();
  }
}
