import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSqlite } from '../support/sqlite';
import { Checker } from './checker';
import { Random } from './random';
import { type LoopDelay, WorkerProcess, type WorkerOptions } from './worker-process';

/** `folder` is empty, and also for the database. */
export interface ProcessesOptions extends WorkerOptions {
  /** How long the processes write. */
  seconds: number;
  seed: number;
  /** The time between two kills, at most. */
  killEveryMs: number;
  /** How long somebody else holds the file's lock, at half-time. */
  lockMs: number;
  /** Both deliver their log to one file. */
  isShipped: boolean;
}

export interface ProcessesResult {
  checker: Checker;
  /** Of each process, over all its lives that were asked: in the usual run, and while somebody else held the lock. */
  loops: { usual: LoopDelay; locked: LoopDelay }[];
}

const names = ['a', 'b'];

/**
 * Processes that capture and drain one file at the same time, one of which is killed now and then. In the end the
 * entries must equal the committed changes, by replay and by the journals of all clients.
 */
export async function runProcesses(options: ProcessesOptions): Promise<ProcessesResult> {
  const random = new Random(options.seed);
  const checker = new Checker();
  const file = join(options.folder, 'shared.sqlite');
  const log = options.isShipped ? join(options.folder, 'audit.sqlite') : file;
  checker.begin(file, log);
  let life = 0;
  const worked = { ...options, ...(options.isShipped && { auditDatabase: `sqlite:${log}` }) };
  const start = async (who: string) => {
    const worker = WorkerProcess.start(worked, file, (life += 1), random.whole(0, 2 ** 31), who);
    await worker.recovered;
    return worker;
  };
  const workers: WorkerProcess[] = [];
  try {
    // One after the other: the first makes the tables and the rows that all share.
    for (const who of names) workers.push(await start(who));
    for (const worker of workers) worker.letRun();
    const killForAWhile = async (until: number) => {
      while (performance.now() < until) {
        await sleep(Math.min(random.next() * options.killEveryMs, until - performance.now()));
        const index = random.whole(0, workers.length - 1);
        await workers[index]!.kill(checker);
        workers[index] = await start(names[index]!);
        workers[index].letRun();
      }
    };
    const half = options.seconds * 500;
    await killForAWhile(performance.now() + half);
    await sleep(options.lockMs / 2);
    const usual = await measure(workers);
    await holdLock(file, options.lockMs);
    const locked = await measure(workers);
    await killForAWhile(performance.now() + half);
    for (const worker of workers) await worker.kill(checker);
    // Drains what they left.
    const last = await start('last');
    workers.push(last);
    checker.check(last.journal);
    checker.checkAll();
    return { checker, loops: usual.map((delay, index) => ({ usual: delay, locked: locked[index]! })) };
  } finally {
    for (const worker of workers) await worker.abandon();
  }
}

/** The delays since they were last measured. */
async function measure(workers: readonly WorkerProcess[]): Promise<LoopDelay[]> {
  return Promise.all(workers.map(async (worker) => (await worker.tell('measure')) as LoopDelay));
}

async function holdLock(file: string, milliseconds: number): Promise<void> {
  const database = openSqlite(file, { timeoutMs: 10_000 });
  try {
    database.exec('BEGIN IMMEDIATE');
    await sleep(milliseconds);
    database.exec('ROLLBACK');
  } finally {
    database.close();
  }
}
