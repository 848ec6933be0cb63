import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager, EntityMetadata } from 'typeorm';
import { Backlog } from './batching/backlog';
import { Shipper } from './batching/shipper';
import { auditContext } from './capture/audit-context';
import {
  AuditDatabaseUnavailableError,
  RowDiffersError,
  TransactionHeldError,
  UnsupportedOperationError,
} from './errors';
import type { PortableEntry } from './model/portable-entry';
import type { RecordedNames } from './model/recorded-names';
import type { ResolvedOptions } from './options';
import { freshnessOf, type QueryAnswer, type QueryArgument, type QueryName } from './readers/trail-queries';
import type {
  AuditEvent,
  AuditStats,
  BaselineReport,
  CheckOptions,
  DoctorOptions,
  DoctorReport,
  Moment,
  RevertReport,
  TrailDescription,
  UnrestorableColumn,
} from './reports';
import type { RowKey } from './rows/row-log';
import { momentCondition } from './rows/row-state';
import { AuditDatabase } from './shipping/audit-database';
import type { DeliveredLog } from './store/delivered-images';
import type { RecordedImage } from './store/entry-reader';
import type { Summary } from './store/rollup';
import type { LocalTrail, ShippingHooks, TrailParts } from './trail-parts';

/** Writers of the application wait for so long at most when a check asks the audit database. */
const answerMs = 5_000;

/**
 * The parts of a trail whose log is in another database: what the application's own database records waits there, and is
 * delivered in the background. What the trail is asked, the audit database answers.
 */
export class ShippedParts implements TrailParts {
  readonly #local: LocalTrail;
  readonly #audit: AuditDatabase;
  readonly #shipper: Shipper;
  readonly #options: ResolvedOptions;
  #totals: { summary: Summary; at: Date } | undefined;

  /** @throws InvalidDatabaseUrlError */
  constructor(
    url: string,
    localOf: (hooks: ShippingHooks) => LocalTrail,
    names: RecordedNames,
    options: ResolvedOptions,
    warn: (message: string) => void,
  ) {
    this.#options = options;
    this.#audit = new AuditDatabase({ url, names, options, warn }, async () => (await this.#logs())[0]!);
    this.#shipper = new Shipper(
      {
        next: (limits) => this.#local.ask('undelivered', limits),
        waiting: async () => {
          const { entries, newest } = await this.#local.ask('waiting', undefined);
          return { rows: entries, newest };
        },
        remove: (ids) => this.#local.removeDelivered(ids),
      },
      this.#audit,
      new Backlog(options, warn, 'entries wait for the audit database'),
      options.commitIntervalMs,
      {
        failed: (error) => warn(`a delivery to the audit database failed and will be tried again: ${String(error)}`),
        recovered: () => warn('the audit database takes deliveries again'),
      },
    );
    this.#local = localOf({
      onEntries: () => this.#shipper.notify(),
      beforeWriting: () => this.#shipper.beforeWriting(),
      stop: (timeoutMs) => this.#shipper.stop(timeoutMs),
    });
    if (options.drain) this.#shipper.start();
  }

  get settledUpTo(): number {
    return this.#local.settledUpTo;
  }

  async ask<Name extends QueryName>(name: Name, argument: QueryArgument<Name>): Promise<QueryAnswer<Name>> {
    return (await this.#answer(name, argument as never)) as QueryAnswer<Name>;
  }

  async #answer(name: QueryName, argument: never): Promise<unknown> {
    switch (name) {
      case 'recent':
      case 'dashboard':
        return this.#withReach(name, argument);
      case 'history':
        return this.#withReach(name, await this.#ownRow(argument));
      case 'asOf':
        return this.#asOf(await this.#ownRow(argument));
      case 'flush':
        return this.#local.ask('waiting', undefined);
      default:
        return this.#local.ask(name, argument);
    }
  }

  async stats(): Promise<AuditStats> {
    const local = await this.#local.stats();
    const { rows, since, quarantined } = await this.#local.ask('waiting', undefined);
    await this.#lookAtTotals();
    const totals = this.#totals;
    const { figures } = this.#shipper;
    const lagMs = since === null ? 0 : Math.max(0, Date.now() - since);
    return {
      ...local,
      pendingCount: rows,
      deferredMode: true,
      oldestPendingAgeMs: since === null ? null : lagMs,
      backlog: { ...local.backlog, exceeded: rows > local.backlog.limit },
      quarantinedCount: quarantined,
      totalEntries: totals?.summary.entries ?? 0,
      entriesByOperation: totals?.summary.byOperation ?? {},
      flushedTotal: figures.shippedTotal,
      flushFailures: local.flushFailures + figures.failures,
      lastFlush: figures.lastShipped?.toISOString() ?? null,
      auditDatabase: {
        databaseType: this.#audit.databaseType,
        reachable: this.#audit.isReachable,
        lagMs,
        lastError: figures.lastError,
        totalsAt: totals?.at.toISOString() ?? null,
      },
    };
  }

  catchUp(): Promise<unknown> {
    return this.flush();
  }

  async flush(): Promise<number> {
    await this.#local.flush();
    return this.#shipper.flush();
  }

  record(event: AuditEvent, manager: EntityManager): Promise<void> {
    return this.#local.record(event, manager);
  }

  rowKey(metadata: EntityMetadata, id: unknown): Promise<RowKey> {
    return this.#local.rowKey(metadata, id);
  }

  /** @param recorded as `ask('asOf')` gave it: its map is that of the application's database */
  unrestorable(key: RowKey, recorded: RecordedImage): Promise<UnrestorableColumn[]> {
    return recorded.mapId > 0 ? this.#local.unrestorable(key, recorded) : Promise.resolve([]);
  }

  /**
   * The application's database does it, as without an audit database: for as long as its transaction takes it has those
   * entries back that say what the row was and is. What others have changed and delivered meanwhile is not among them;
   * then the row is not what they say, and it is tried once more.
   */
  async revert(key: RowKey, at: Moment, manager: EntityManager): Promise<RevertReport> {
    const moment = momentCondition(at);
    const revert = async () => {
      await this.flush().catch((error: unknown) => {
        // In a transaction: what it has recorded, and what waits, is here.
        if (!(error instanceof TransactionHeldError)) throw error;
      });
      const argument = await this.#ownRow({ key, moment });
      const past = await this.#audit.ask('past', argument);
      if (past.some(({ logId }) => logId !== argument.key.logs![0]))
        throw notYet('revert() of a row of a log that moved');
      const here =
        typeof at === 'object' && 'beforeEntry' in at ? { beforeEntry: placeBefore(past, at.beforeEntry) } : at;
      return this.#local.withDelivered(past, manager, (inner) => this.#local.revert(key, here, inner));
    };
    const context = auditContext.current();
    return auditContext.run({ ...context, source: context?.source ?? 'revert' }, () =>
      revert().catch((error: unknown) => {
        if (error instanceof RowDiffersError) return revert();
        throw error;
      }),
    );
  }

  async baseline(options: CheckOptions): Promise<BaselineReport> {
    return this.#local.baseline(options, await this.#delivered());
  }

  async doctor(options: DoctorOptions): Promise<DoctorReport> {
    return this.#local.doctor(options, await this.#delivered());
  }

  describe(): TrailDescription {
    return { ...this.#local.describe(), auditDatabase: this.#audit.name };
  }

  async close(drainTimeoutMs = this.#options.drainTimeoutMs): Promise<void> {
    try {
      await this.#local.close(drainTimeoutMs);
    } finally {
      await this.#audit.close();
    }
  }

  /** What does not wait here when it is asked is there when it answers. */
  async #withReach<Name extends 'recent' | 'dashboard' | 'history'>(name: Name, argument: QueryArgument<Name>) {
    const waiting = await this.#local.ask('waiting', undefined);
    const answer = await this.#audit.ask(name, argument);
    const reach = freshnessOf(waiting, waiting.settledUpTo ?? Infinity, argument.settledUpTo);
    return 'reach' in answer ? { ...answer, reach } : { ...answer, ...reach };
  }

  async #asOf(argument: QueryArgument<'asOf'>): Promise<QueryAnswer<'asOf'>> {
    const found = await this.#audit.ask('asOf', argument);
    if (!found) return null;
    const mapId = await this.#local.ask('mapId', found.map);
    return { ...found, recorded: { ...found.recorded, mapId } };
  }

  /** In a log that several applications share, rows of others may have the same key. */
  async #ownRow<Argument extends { key: RowKey }>(argument: Argument): Promise<Argument> {
    return { ...argument, key: { ...argument.key, logs: await this.#logs() } };
  }

  #logs(): Promise<string[]> {
    return this.#local.ask('logs', undefined);
  }

  /** All that was recorded before now, in the audit database. */
  async #delivered(): Promise<DeliveredLog> {
    await this.flush();
    // Opened now, and not while a check has the connection that this takes.
    await this.#audit.ask('flush', undefined);
    const logs = await this.#logs();
    const ask = <Name extends QueryName>(name: Name, asked: Omit<QueryArgument<Name>, 'logs'>) =>
      this.#audit.ask(name, { ...asked, logs } as never);
    return {
      ownLog: logs[0]!,
      lastImages: (asked) => soon(ask('lastImages', asked)),
      leftImages: (asked) => soon(ask('leftImages', asked)),
      recordedIds: (asked) => soon(ask('recordedIds', asked)),
      countEntries: (asked) => ask('countEntries', asked),
    };
  }

  /** Not while it is known to be out of reach: what was seen last has to do. */
  async #lookAtTotals(): Promise<void> {
    if (this.#audit.isReachable === false) return;
    try {
      const { summary } = await this.#audit.ask('stats', undefined);
      this.#totals = { summary, at: new Date() };
    } catch {
      // Whoever delivers says why, and that it is so.
    }
  }
}

/** For an answer that others wait for with a lock of ours in their way. @throws AuditDatabaseUnavailableError */
async function soon<T>(answer: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = sleep(answerMs, undefined, { signal: over.signal, ref: false }).then(() => {
    throw new AuditDatabaseUnavailableError(`The audit database took more than ${answerMs} ms to answer a check.`);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    over.abort();
    late.catch(() => undefined);
  }
}

/** Where the entry of the audit database with that id, or what would be before it, is among these here. */
function placeBefore(past: readonly PortableEntry[], id: number): number {
  const behind = past.filter((entry) => entry.id >= id).map(({ seq }) => seq);
  return behind.length > 0 ? Math.min(...behind) : Math.max(0, ...past.map(({ seq }) => seq)) + 1;
}

function notYet(what: string): UnsupportedOperationError {
  return new UnsupportedOperationError(`${what} is not there for a trail with a separate audit database.`);
}
