import { AsyncResource } from 'node:async_hooks';
import { type ReaderFailedError, ReadTimeoutError, TrailClosedError } from '../errors';
import type { Outcome, PoolReader, ReaderEvents } from './pool-reader';
import type { QueryAnswer, QueryArgument, QueryName } from './trail-queries';
import { monotonicMs } from './wire';

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
  deadline: number;
  isSettled: boolean;
  /** Given to a second reader, because the first one is long at another. */
  isGivenAgain: boolean;
  /** Tells the caller what came of it; the first outcome counts. */
  settle(outcome: Outcome): void;
}

interface Reader {
  itself: PoolReader;
  /** It has opened its connection. */
  isReady: boolean;
  /** What it was sent: it is at the first, the others wait there. After its deadline a caller has gone. */
  jobs: Job[];
  /** When it began with the first of them. */
  since: number;
  /** Ends at the deadline of the first and `graceMs` to come back. */
  grace: NodeJS.Timeout | undefined;
}

/** How long a reader may take to notice that its deadline has passed. */
const graceMs = 1_000;
/**
 * Jobs sent to a reader at a time. It tells of an answer when the event loop turns; one job at a time, a busy loop would
 * let each reader answer once a turn.
 */
const mostJobs = 4;
/** A reader that is at one job for so long gets no further ones, and those that wait there are given to others. */
const longMs = 20;

/** Thrown by `ask` where no reader could be started at all. */
export class ReadersUnavailable extends Error {}

/**
 * Readers, started on demand and kept. Queries are answered in their order; where all readers are at work a few are sent
 * ahead to each, and what waits there behind a long query is given to whoever is idle.
 *
 *   idle ──query──► working ──last answer──► idle
 *                      └──deadline──► overdue ──comes back──► idle, or at the next
 *                                        └──grace is over──► ended, another may start
 *
 *   any ──its thread dies──► its query fails, another may start          any ──close()──► ended
 */
export class ReaderPool {
  private readonly readers = new Set<Reader>();
  /** Replaced, and not gone yet. */
  private readonly leaving = new Set<PoolReader>();
  private readonly queue: Job[] = [];
  private secondLook: NodeJS.Timeout | undefined;
  private wasEverReady = false;
  private closing: Promise<void> | undefined;
  private unavailable: Error | undefined;
  private readonly counts = { exhaustions: 0, timeouts: 0, replaced: 0, longestWaitMs: 0 };
  /** A reader outlives the flow that made it start, and must not keep hold of its context. */
  private readonly origin = new AsyncResource('AuditReaders');

  constructor(
    private readonly startReader: (events: ReaderEvents) => PoolReader,
    readonly size: number,
    private readonly timeoutMs: number,
    private readonly onUnavailable: (why: Error) => void,
  ) {}

  get figures(): ReaderFigures {
    const inUse = [...this.readers].filter(({ jobs }) => jobs.length > 0).length;
    const longestWaitMs = Math.round(this.counts.longestWaitMs);
    return { ...this.counts, longestWaitMs, inUse, waiting: this.queue.length + this.sentAhead().length };
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
      const settle = (outcome: Outcome): void => {
        if (job.isSettled) return;
        job.isSettled = true;
        clearTimeout(timer);
        if ('answer' in outcome) return resolve(outcome.answer);
        if (outcome.error instanceof ReadTimeoutError) this.counts.timeouts += 1;
        reject(outcome.error);
      };
      const since = monotonicMs();
      const deadline = since + this.timeoutMs;
      const job: Job = { name, argument, since, deadline, isSettled: false, isGivenAgain: false, settle };
      this.queue.push(job);
      this.origin.runInAsyncScope(() => this.next());
      if (this.queue.includes(job) || this.sentAhead().includes(job)) this.counts.exhaustions += 1;
    }) as Promise<QueryAnswer<Name>>;
  }

  /** Ends all readers; what they are at fails. Idempotent. */
  close(): Promise<void> {
    return (this.closing ??= this.end());
  }

  private async end(): Promise<void> {
    clearTimeout(this.secondLook);
    this.failAll(new TrailClosedError('The trail was closed during a read.'));
    const left = [...[...this.readers].map(({ itself }) => itself), ...this.leaving];
    for (const { grace } of this.readers) clearTimeout(grace);
    this.readers.clear();
    await Promise.all(left.map((reader) => reader.end()));
  }

  private failAll(error: Error): void {
    for (const job of this.queue.splice(0)) job.settle({ error });
    for (const { jobs } of this.readers) for (const job of jobs) job.settle({ error });
  }

  private next(): void {
    while (this.give());
    const isAnyIdle = [...this.readers].some(({ jobs }) => jobs.length === 0);
    if (!isAnyIdle || this.secondLook || this.sentAhead().length === 0) return;
    // Who waits behind another is fetched from there once that takes long.
    this.secondLook = setTimeout(() => {
      this.secondLook = undefined;
      this.next();
    }, longMs).unref();
  }

  /** Gives one job to a reader. @returns false where there is nothing to give, or nobody to take it */
  private give(): boolean {
    const stranded = this.sentAhead(longMs)[0];
    const job = stranded ?? this.queue[0];
    if (!job) return false;
    const idle = [...this.readers].find(({ jobs }) => jobs.length === 0) ?? this.start();
    if (stranded && idle) {
      stranded.isGivenAgain = true;
      this.send(idle, stranded);
      return true;
    }
    const reader = idle ?? this.withRoom();
    if (!reader || this.queue.length === 0) return false;
    this.send(reader, this.queue.shift()!);
    return true;
  }

  private send(reader: Reader, job: Job): void {
    reader.jobs.push(job);
    if (reader.jobs.length === 1) this.begun(reader, job);
    reader.itself.send({ name: job.name, argument: job.argument, deadline: job.deadline });
  }

  private begun(reader: Reader, { since, deadline }: Job): void {
    reader.since = monotonicMs();
    this.counts.longestWaitMs = Math.max(this.counts.longestWaitMs, reader.since - since);
    const left = Math.max(0, Math.ceil(deadline - reader.since));
    reader.grace = setTimeout(() => this.replace(reader), left + graceMs);
  }

  /** Jobs that wait at a reader behind another one, at which it has been for `ms` at least. */
  private sentAhead(ms = 0): Job[] {
    const now = monotonicMs();
    const readers = [...this.readers].filter(({ since }) => now - since >= ms);
    return readers.flatMap(({ jobs }) => jobs.slice(1).filter((job) => !job.isSettled && !job.isGivenAgain));
  }

  /** The reader that has the fewest jobs, unless it still starts, is long at one or has as many as it may have. */
  private withRoom(): Reader | undefined {
    const now = monotonicMs();
    let best: Reader | undefined;
    for (const reader of this.readers) {
      if (!reader.isReady || reader.jobs.length >= mostJobs || now - reader.since >= longMs) continue;
      if (!best || reader.jobs.length < best.jobs.length) best = reader;
    }
    return best;
  }

  private start(): Reader | undefined {
    if (this.readers.size >= this.size) return undefined;
    try {
      const itself = this.startReader({
        onReady: () => (this.wasEverReady = reader.isReady = true),
        onOutcome: (outcome) => this.finished(reader, outcome),
        onGone: (error) => this.lost(reader, error),
      });
      const reader: Reader = { itself, isReady: false, jobs: [], since: 0, grace: undefined };
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
    reader.jobs.shift()?.settle(outcome);
    const [following] = reader.jobs;
    if (following) this.begun(reader, following);
    else reader.itself.rest();
    this.next();
  }

  private timeOut(job: Job): void {
    const error = new ReadTimeoutError(`${job.name}() had no answer within ${this.timeoutMs} ms.`, {
      value: this.timeoutMs,
    });
    job.settle({ error });
    const place = this.queue.indexOf(job);
    if (place >= 0) this.queue.splice(place, 1);
  }

  /** It is in one long step, which nothing ends; its place is free for another. */
  private replace(reader: Reader): void {
    this.readers.delete(reader);
    this.counts.replaced += 1;
    const { itself } = reader;
    itself.rest();
    this.leaving.add(itself);
    void itself.end().then(() => this.leaving.delete(itself));
    this.takeBack(reader);
    this.next();
  }

  private lost(reader: Reader, error: ReaderFailedError): void {
    if (!this.readers.delete(reader)) return;
    clearTimeout(reader.grace);
    if (!this.wasEverReady) this.giveUp(error);
    else this.counts.replaced += 1;
    reader.jobs[0]?.settle({ error: this.unavailable ?? error });
    this.takeBack(reader);
    this.next();
  }

  /** What a reader had not begun with. */
  private takeBack({ jobs }: Reader): void {
    const left = jobs.slice(1).filter((job) => !job.isSettled && !job.isGivenAgain);
    if (!this.unavailable) this.queue.unshift(...left);
    else for (const job of left) job.settle({ error: this.unavailable });
  }

  private giveUp(why: Error): void {
    if (this.unavailable) return;
    this.unavailable = new ReadersUnavailable(why.message, { cause: why });
    for (const job of this.queue.splice(0)) job.settle({ error: this.unavailable });
    this.onUnavailable(why);
  }
}
