import { performance } from 'node:perf_hooks';
import type { DataSource, EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import { startCapture, warner } from './capture/instrument';
import { startServerCapture } from './capture/instrument-server';
import { DeferredParts } from './deferred-parts';
import { InvalidQueryError, UnknownEntityError } from './errors';
import { ImmediateParts } from './immediate-parts';
import { encodeCursor } from './model/cursor';
import type { AuditEntry } from './model/entry';
import type { RecordedNames } from './model/recorded-names';
import type { AuditTrailOptions, ResolvedOptions } from './options';
import { toFilter } from './reading';
import type {
  AuditEvent,
  AuditStats,
  BaselineReport,
  CheckOptions,
  Dashboard,
  DoctorOptions,
  DoctorReport,
  FlushResult,
  Freshness,
  Moment,
  RecentPage,
  RecentQuery,
  RevertReport,
  RowState,
  TrailDescription,
} from './reports';
import type { RowKey } from './rows/row-log';
import { momentCondition } from './rows/row-state';
import { ShippedParts } from './shipped-parts';
import type { LocalTrail, ShippingHooks, TrailParts } from './trail-parts';
import { underCapture } from './under-capture';

const attached = new WeakMap<DataSource, Promise<AuditTrail>>();

/** The audit trail of one DataSource: attaches the parts to it, and answers what they have recorded. */
export class AuditTrail {
  readonly #parts: TrailParts;
  #closing: Promise<void> | undefined;

  private constructor(
    readonly dataSource: DataSource,
    partsOf: (onDisconnect: () => Promise<void>) => TrailParts,
  ) {
    this.#parts = partsOf(() => this.close());
  }

  /**
   * Puts a DataSource under audit; initialises it if need be, and creates the audit tables. Idempotent: a DataSource has
   * one trail, and a second call returns it. `dataSource.destroy()` closes it.
   * @throws UnsupportedDatabaseError, InvalidOptionError
   */
  static attach(dataSource: DataSource, options?: AuditTrailOptions): Promise<AuditTrail> {
    const existing: Promise<AuditTrail> | undefined = attached.get(dataSource);
    if (existing) return AuditTrail.#again(existing, dataSource, options);
    const trail = AuditTrail.#open(dataSource, options);
    attached.set(dataSource, trail);
    // A failed attempt, or a closed trail, does not stand in the way of the next one.
    trail.catch(() => attached.delete(dataSource));
    return trail;
  }

  static async #again(trail: Promise<AuditTrail>, dataSource: DataSource, options: AuditTrailOptions | undefined) {
    underCapture(dataSource, options);
    return trail;
  }

  static async #open(dataSource: DataSource, options: AuditTrailOptions | undefined): Promise<AuditTrail> {
    const instrumented = underCapture(dataSource, options);
    if (!dataSource.isInitialized) await dataSource.initialize();
    if ('server' in instrumented) {
      const { server } = instrumented;
      const capture = await startServerCapture(server);
      return AuditTrail.#of(dataSource, server.options, capture.plan.names, (onDisconnect, hooks) => {
        return new ImmediateParts(dataSource, server, capture, onDisconnect, hooks);
      });
    }
    const { connection } = instrumented;
    const capture = await startCapture(dataSource, connection);
    return AuditTrail.#of(dataSource, connection.options, capture.plan.names, (onDisconnect, hooks) => {
      return new DeferredParts(dataSource, connection, capture, onDisconnect, hooks);
    });
  }

  /** The parts of the database, or what delivers its log to another. */
  static #of(
    dataSource: DataSource,
    options: ResolvedOptions,
    names: RecordedNames,
    localOf: (onDisconnect: () => Promise<void>, hooks?: ShippingHooks) => LocalTrail,
  ): AuditTrail {
    const { auditDatabase } = options;
    return new AuditTrail(dataSource, (onDisconnect) =>
      auditDatabase === undefined
        ? localOf(onDisconnect)
        : new ShippedParts(auditDatabase, (hooks) => localOf(onDisconnect, hooks), names, options, warner(options)),
    );
  }

  /** Figures of the log, of the drain, of capture and of the connection. */
  async stats(query: { fresh?: boolean } = {}): Promise<AuditStats> {
    if (query.fresh) await this.flush();
    return this.#parts.stats();
  }

  /**
   * Entries, newest first, a page at a time.
   * @throws InvalidQueryError, InvalidCursorError
   */
  async recent(query: RecentQuery = {}): Promise<RecentPage> {
    const { filter, limit, reveal } = toFilter(query);
    if (query.fresh) await this.#parts.catchUp();
    const entries: AuditEntry[] = [];
    let reach: Freshness | undefined;
    const { settledUpTo } = this.#parts;
    for (let beforeId = filter.beforeId; ;) {
      const asked = { filter: { ...filter, beforeId }, limit: limit + 1 - entries.length, reveal, settledUpTo };
      const { goOnBefore, ...part } = await this.#parts.ask('recent', asked);
      entries.push(...part.entries);
      reach ??= part.reach;
      if (goOnBefore === null) break;
      beforeId = goOnBefore;
    }
    return toPage({ entries, reach }, limit);
  }

  /** The log at a glance, from the roll-ups. */
  async dashboard(query: { fresh?: boolean } = {}): Promise<Dashboard> {
    if (query.fresh) await this.flush();
    return this.#parts.ask('dashboard', { settledUpTo: this.#parts.settledUpTo });
  }

  /**
   * Turns everything that is pending at the call into entries. Calls at the same time share one run.
   * @throws TransactionHeldError inside a transaction, which it could only wait for
   */
  async flush(): Promise<FlushResult> {
    const start = performance.now();
    const flushed = await this.#parts.flush();
    const { rows } = await this.#parts.ask('flush', undefined);
    return { flushed, pendingCount: rows, durationMs: Math.round((performance.now() - start) * 1000) / 1000 };
  }

  /**
   * All entries of one row, newest first, up to this call: those under its key, whatever its class was, and, where it had
   * another key before, those under that one until then. The entry by which it left a key is found under both.
   * @throws UnknownEntityError, InvalidQueryError, InvalidCursorError
   */
  async history(entity: EntityTarget<ObjectLiteral>, id: unknown, query: RecentQuery = {}): Promise<RecentPage> {
    const key = await this.#rowKey(entity, id);
    const { filter, limit, reveal } = toFilter({ ...query, entity: undefined, entityId: undefined });
    await this.#parts.catchUp();
    const { settledUpTo } = this.#parts;
    const found = await this.#parts.ask('history', { key, filter, limit: limit + 1, reveal, settledUpTo });
    return toPage(found, limit);
  }

  /**
   * The row as it was at an instant, or before an entry, with the columns that the trail can't restore; null where it did
   * not exist. A key that the row got later leads to it as well. A row that the trail first saw later is taken to have
   * been until then what its first entry says it was before, or what its baseline found.
   * @throws UnknownEntityError, InvalidQueryError
   */
  async asOf(entity: EntityTarget<ObjectLiteral>, id: unknown, at: Moment): Promise<RowState | null> {
    const key = await this.#rowKey(entity, id);
    const moment = momentCondition(at);
    await this.#parts.catchUp();
    const found = await this.#parts.ask('asOf', { key, moment });
    if (!found) return null;
    return { image: found.image, unrestorable: await this.#parts.unrestorable(key, found.recorded) };
  }

  /**
   * Puts a row back to what it was at an instant, or before an entry: an update of what differs, an insert where it was
   * deleted since, a delete where it did not exist. Values are written as they were stored, in one transaction, that of
   * the flow or of the manager where there is one, and the change is recorded like any other.
   * @throws RowDiffersError, RowMovedError, NotRestorableError, UnknownEntityError, InvalidQueryError, and what the
   * database says against it, such as a constraint; then nothing has been done.
   */
  async revert(
    entity: EntityTarget<ObjectLiteral>,
    id: unknown,
    at: Moment,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<RevertReport> {
    return this.#parts.revert(await this.#rowKey(entity, id), at, manager);
  }

  /** Records a business event, in the transaction of the flow or of the manager. */
  async record(event: AuditEvent, manager: EntityManager = this.dataSource.manager): Promise<void> {
    if (typeof event.name !== 'string' || event.name === '') {
      throw new InvalidQueryError('An event needs a name.', { value: event.name });
    }
    await this.#parts.record(event, manager);
  }

  /**
   * Writes a `baseline` entry for every row of a captured table that has no entry yet, so that its history is complete.
   * It goes on where it was broken off, and leaves the application room to work.
   * @throws UnknownEntityError, InvalidQueryError, TransactionHeldError inside a transaction
   */
  baseline(options: CheckOptions = {}): Promise<BaselineReport> {
    return this.#parts.baseline(options);
  }

  /**
   * Compares the captured tables with the trail, and finds the rows that somebody changed behind the application's back;
   * with `accept` they are recorded as they are now. Errors as those of `baseline`.
   */
  doctor(options: DoctorOptions = {}): Promise<DoctorReport> {
    return this.#parts.doctor(options);
  }

  /** What attaching has set up, for a start-up log. */
  describe(): TrailDescription {
    return this.#parts.describe();
  }

  /**
   * Drains for at most `drainTimeoutMs` and stops. The DataSource stays open, and its changes stay captured: what is not
   * drained, or comes later, waits in the outbox for whoever attaches next. Idempotent.
   */
  close(options: { drainTimeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.drainTimeoutMs);
    return this.#closing;
  }

  async #close(drainTimeoutMs: number | undefined): Promise<void> {
    try {
      await this.#parts.close(drainTimeoutMs);
    } finally {
      attached.delete(this.dataSource);
    }
  }

  async #rowKey(entity: EntityTarget<ObjectLiteral>, id: unknown): Promise<RowKey> {
    if (!this.dataSource.hasMetadata(entity))
      throw new UnknownEntityError('There is no such entity.', { value: entity });
    return this.#parts.rowKey(this.dataSource.getMetadata(entity), id);
  }
}

/** @param entries one more than fits tells that there is another page */
function toPage({ entries, reach }: { entries: AuditEntry[]; reach: Freshness }, limit: number): RecentPage {
  const shown = entries.slice(0, limit);
  return { entries: shown, nextCursor: entries.length > limit ? encodeCursor(shown.at(-1)!.id) : null, ...reach };
}
