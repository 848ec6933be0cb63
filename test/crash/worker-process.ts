import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Checker } from './checker';
import type { Moment } from './worker/cue';

/** What all workers of a run have in common. */
export interface WorkerOptions {
  /** For the journals. */
  folder: string;
  /** The compiled program. */
  worker: string;
  /** Each with rows of its own. */
  clients: number;
  /** URL of a separate audit database, where there is one. */
  auditDatabase?: string;
}

/** What a worker is told. */
export type Order = Moment | 'measure';

/** How late the event loop of a worker was since it was last asked, milliseconds. */
export interface LoopDelay {
  max: number;
  p99: number;
}

/** What a worker says: about to open the database, done with what an earlier life left, the moment has come. */
export type Word = 'opening' | 'recovered' | 'now' | LoopDelay;

/** One life of a worker, and its journal. */
export class WorkerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly journal: string,
    private readonly ended: Promise<never>,
    readonly opening: Promise<unknown>,
    readonly recovered: Promise<unknown>,
  ) {}

  /** @param who distinguishes its clients from those of other workers on the file */
  static start(options: WorkerOptions, file: string, life: number, seed: number, who = ''): WorkerProcess {
    const journal = join(options.folder, `life-${life}`);
    mkdirSync(journal);
    const values = [file, journal, life, seed, options.clients, who, options.auditDatabase ?? ''].map(String);
    // It warns of each trail that it closes before the outbox is empty, which is what it is for.
    const child = fork(options.worker, values, { execArgv: ['--no-warnings'] });
    const ended = once(child, 'exit').then(([code, signal]: unknown[]) => {
      throw new Error(`the worker ended by itself (${String(code ?? signal)}); its last words are in ${journal}`);
    });
    const hear = (word: Word) =>
      Promise.race([
        new Promise((resolve) => child.on('message', (said) => said === word && resolve(undefined))),
        ended,
      ]);
    const worker = new WorkerProcess(child, journal, ended, hear('opening'), hear('recovered'));
    // Nobody waits for a worker that is to be killed.
    for (const promise of [ended, worker.opening, worker.recovered]) promise.catch(() => undefined);
    return worker;
  }

  /** @returns what it says next */
  async tell(order: Order): Promise<Word> {
    this.child.send(order);
    return this.next();
  }

  /** Lets it work without a word. */
  letRun(): void {
    this.child.send({ operations: Number.MAX_SAFE_INTEGER } satisfies Moment);
  }

  /** Kills it, and notes what it left. */
  async kill(checker: Checker): Promise<void> {
    const ended = once(this.child, 'exit');
    const isRunning = this.child.exitCode === null && this.child.signalCode === null;
    if (isRunning) {
      this.child.kill('SIGKILL');
      await ended;
    }
    checker.note(this.journal, isRunning);
  }

  /** Without looking at what it left. */
  async abandon(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended.catch(() => undefined);
  }

  private async next(): Promise<Word> {
    const [word] = (await Promise.race([once(this.child, 'message'), this.ended])) as [Word];
    return word;
  }
}
