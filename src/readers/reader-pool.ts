import { AsyncResource } from 'node:async_hooks';
import { performance } from 'node:perf_hooks';
import { type ReaderFailedError, ReadTimeoutError, TrailClosedError } from '../errors';
import { type Outcome, ReaderThread } from './reader-thread';
import type { QueryAnswer, QueryArgument, QueryName } from './trail-queries';
import type { ReaderData } from './wire';

/** Counters of the readers, for `stats().pool`. Durations in milliseconds. */
export interface ReaderFigures {
  inUse: number;
  waiting: number;
  exhaustions: number;
  timeouts: number;
  replaced: number;
  longestWaitMs: number;
}

interface Job {
  name: QueryName;
  argument: unknown;
  since: number;
  /** Tells the caller what came of it; the first outcome counts. */
  settle(outcome: Outcome): void;
}

interface Reader {
  thread: ReaderThread;
  /** What it works on. After its deadline the caller has gone, and the reader has until `grace` to come back. */
  job: Job | undefined;
  grace: NodeJS.Timeout | undefined;
}

/** How long a reader may take to notice that its deadline has passed. */
const graceMs = 1_000;

/** Thrown by `ask` where no reader could be started at all. */
export class ReadersUnavailable extends Error {}

/**
 * Readers, started on demand and kept. Each answers one query at a time; further queries wait, first come, first served.
 *
 *   idle ──query──► working ──answer──► idle
 *                      └──deadline──► overdue ──comes back──► idle
 *                                        └──grace is over──► ended, another may start
 *
 *   any ──its thread dies──► its query fails, another may start          any ──close()──► ended
 */
export class ReaderPool {
  private readonly readers = new Set<Reader>();
  /** Replaced, and not gone yet. */
  private readonly leaving = new Set<ReaderThread>();
  private readonly queue: Job[] = [];
  private wasEverReady = false;
  private closing: Promise<void> | undefined;
  private unavailable: Error | undefined;
  private readonly counts = { exhaustions: 0, timeouts: 0, replaced: 0, longestWaitMs: 0 };
  /** A reader outlives the flow that made it start, and must not keep hold of its context. */
  private readonly origin = new AsyncResource('AuditReaders');

  constructor(
    private readonly data: ReaderData,
    readonly size: number,
    private readonly timeoutMs: number,
    private readonly onUnavailable: (why: Error) => void,
  ) {}

  get figures(): ReaderFigures {
    const inUse = [...this.readers].filter(({ job }) => job).length;
    const longestWaitMs = Math.round(this.counts.longestWaitMs);
    return { ...this.counts, longestWaitMs, inUse, waiting: this.queue.length };
  }

  /** False once it is known that no reader can be started, and when the pool is closed. */
  get isUsable(): boolean {
    return !this.unavailable && !this.closing;
  }

  /**
   * @throws ReadTimeoutError at the deadline, waiting included; ReaderFailedError; TrailClosedError; ReadersUnavailable;
   * what the query throws
   */
  ask<Name extends QueryName>(name: Name, argument: QueryArgument<Name>): Promise<QueryAnswer<Name>> {
    return new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(() => this.timeOut(job), this.timeoutMs);
      let isSettled = false;
      const settle = (outcome: Outcome): void => {
        if (isSettled) return;
        isSettled = true;
        clearTimeout(timer);
        if ('answer' in outcome) return resolve(outcome.answer);
        if (outcome.error instanceof ReadTimeoutError) this.counts.timeouts += 1;
        reject(outcome.error);
      };
      const job: Job = { name, argument, since: performance.now(), settle };
      this.queue.push(job);
      this.origin.runInAsyncScope(() => this.next());
      if (this.queue.includes(job)) this.counts.exhaustions += 1;
    }) as Promise<QueryAnswer<Name>>;
  }

  /** Ends all readers; what they are at fails. Idempotent. */
  close(): Promise<void> {
    return (this.closing ??= this.end());
  }

  private async end(): Promise<void> {
    this.failAll(new TrailClosedError('The trail was closed during a read.'));
    const threads = [...[...this.readers].map(({ thread }) => thread), ...this.leaving];
    for (const { grace } of this.readers) clearTimeout(grace);
    this.readers.clear();
    await Promise.all(threads.map((thread) => thread.end()));
  }

  private failAll(error: Error): void {
    for (const job of this.queue.splice(0)) job.settle({ error });
    for (const { job } of this.readers) job?.settle({ error });
  }

  private next(): void {
    while (this.queue.length > 0) {
      const reader = [...this.readers].find(({ job }) => !job) ?? this.start();
      if (!reader) return;
      const job = (reader.job = this.queue.shift()!);
      const waited = performance.now() - job.since;
      this.counts.longestWaitMs = Math.max(this.counts.longestWaitMs, waited);
      reader.thread.send({ name: job.name, argument: job.argument, timeoutMs: this.timeoutMs - waited });
    }
  }

  private start(): Reader | undefined {
    if (this.readers.size >= this.size) return undefined;
    try {
      const thread = new ReaderThread(this.data, {
        onReady: () => (this.wasEverReady = true),
        onOutcome: (outcome) => this.finished(reader, outcome),
        onGone: (error) => this.lost(reader, error),
      });
      const reader: Reader = { thread, job: undefined, grace: undefined };
      this.readers.add(reader);
      return reader;
    } catch (error) {
      // Threads are forbidden here.
      this.giveUp(error as Error);
      return undefined;
    }
  }

  private finished(reader: Reader, outcome: Outcome): void {
    clearTimeout(reader.grace);
    reader.job?.settle(outcome);
    reader.job = reader.grace = undefined;
    reader.thread.rest();
    this.next();
  }

  private timeOut(job: Job): void {
    const error = new ReadTimeoutError(`${job.name}() had no answer within ${this.timeoutMs} ms.`, {
      value: this.timeoutMs,
    });
    job.settle({ error });
    const place = this.queue.indexOf(job);
    if (place >= 0) {
      this.queue.splice(place, 1);
      return;
    }
    for (const reader of this.readers) {
      if (reader.job === job) reader.grace = setTimeout(() => this.replace(reader), graceMs);
    }
  }

  /** It is in one long step, which nothing ends; its place is free for another. */
  private replace(reader: Reader): void {
    this.readers.delete(reader);
    this.counts.replaced += 1;
    const { thread } = reader;
    thread.rest();
    this.leaving.add(thread);
    void thread.end().then(() => this.leaving.delete(thread));
    this.next();
  }

  private lost(reader: Reader, error: ReaderFailedError): void {
    if (!this.readers.delete(reader)) return;
    clearTimeout(reader.grace);
    if (!this.wasEverReady) this.giveUp(error);
    else this.counts.replaced += 1;
    reader.job?.settle({ error: this.unavailable ?? error });
    this.next();
  }

  private giveUp(why: Error): void {
    if (this.unavailable) return;
    this.unavailable = new ReadersUnavailable(why.message, { cause: why });
    for (const job of this.queue.splice(0)) job.settle({ error: this.unavailable });
    this.onUnavailable(why);
  }
}
