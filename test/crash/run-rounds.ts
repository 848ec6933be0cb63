import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Checker } from './checker';
import { Random } from './random';
import { type Moment, phases } from './worker/cue';

/** Operations of a round, whenever the kill comes. */
export const leastOperations = 40;

export interface RunOptions {
  rounds: number;
  seed: number;
  clients: number;
  /** An empty folder for the database and the journals. */
  folder: string;
  /** The compiled worker. */
  worker: string;
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
  checker.begin(file);
  let life = 0;
  const start = () => startWorker(options, file, (life += 1), random);
  let recoveryMs = 500;
  let worker = start();
  try {
    for (let round = 0; round < options.rounds; round += 1) {
      while (random.chance(earlyKills)) {
        await sleep(random.next() * recoveryMs * 1.2);
        await kill(worker, checker);
        checker.figures.killedInRecovery += 1;
        worker = start();
      }
      const startedAt = Date.now();
      await worker.recovered;
      recoveryMs = Date.now() - startedAt;
      checker.check(worker.journal);
      const phase = random.chance(0.5) ? random.pick(phases) : undefined;
      worker.child.send({ operations: random.whole(...operations), phase } satisfies Moment);
      await nextMessage(worker);
      await sleep(random.next() ** 3 * longestDelayMs);
      await kill(worker, checker);
      worker = start();
    }
    await worker.recovered;
    checker.check(worker.journal);
    checker.checkAll();
  } finally {
    worker.child.kill('SIGKILL');
    await worker.ended.catch(() => undefined);
  }
}

interface Worker {
  child: ChildProcess;
  journal: string;
  recovered: Promise<void>;
  ended: Promise<never>;
}

function startWorker(options: RunOptions, file: string, life: number, random: Random): Worker {
  const journal = join(options.folder, `life-${life}`);
  mkdirSync(journal);
  const values = [file, journal, life, random.whole(0, 2 ** 31), options.clients].map(String);
  // It warns of each trail that it closes before the outbox is empty, which is what it is for.
  const child = fork(options.worker, values, { execArgv: ['--no-warnings'] });
  const ended = once(child, 'exit').then(([code, signal]: unknown[]) => {
    throw new Error(`the worker ended by itself (${String(code ?? signal)}); its last words are in ${journal}`);
  });
  const worker = { child, journal, ended };
  const recovered = nextMessage(worker);
  // Nobody waits for a worker that is to be killed.
  ended.catch(() => undefined);
  recovered.catch(() => undefined);
  return { ...worker, recovered };
}

async function nextMessage({ child, ended }: Pick<Worker, 'child' | 'ended'>): Promise<void> {
  await Promise.race([once(child, 'message'), ended]);
}

async function kill({ child, journal }: Worker, checker: Checker): Promise<void> {
  const ended = once(child, 'exit');
  const isRunning = child.exitCode === null && child.signalCode === null;
  if (isRunning) {
    child.kill('SIGKILL');
    await ended;
  }
  checker.note(journal, isRunning);
}
