import { performance } from 'node:perf_hooks';
import type { DataSource, EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import { Backlog } from './batching/backlog';
import { DeferredDrain, type TimedSlice } from './batching/deferred-drain';
import { type Slice, SliceDrain, type SliceLimits, emptySlice } from './batching/drain-slice';
import { recordBaseline } from './checks/baseline';
import type { CheckTools } from './checks/check-run';
import { examine } from './checks/doctor';
import { type Capture, instrument, type Instrumentation, startCapture, warner } from './capture/instrument';
import type { Engine } from './dialect/engine';
import { InvalidQueryError, TrailClosedError, UnknownEntityError } from './errors';
import { compositeKeyText, keyText } from './model/change';
import { encodeCursor } from './model/cursor';
import type { AuditEntry } from './model/entry';
import type { AuditTrailOptions } from './options';
import { TrailReader } from './readers/trail-reader';
import { toFilter } from './reading';
import { buildStats, describeBroken } from './reporting';
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
import { revertRow } from './rows/revert';
import type { RowKey } from './rows/row-log';
import { momentCondition } from './rows/row-state';
import { restorableOf, type RowTools } from './rows/row-tools';
import { EntryReader } from './store/entry-reader';
import { EntryWriter } from './store/entry-writer';
import { Outbox } from './store/outbox';
import { Quarantine } from './store/quarantine';

/** A slice within a transaction of the checks. */
const checkSlice: SliceLimits = { rows: 250, bytes: 1_000_000 };

const attached = new WeakMap<DataSource, Promise<AuditTrail>>();

/** The audit trail of one DataSource: attaches the parts to it, and answers what they have recorded. */
export class AuditTrail {
  readonly #instrumentation: Instrumentation;
  readonly #outbox: Outbox;
  readonly #writer: EntryWriter;
  readonly #quarantine: Quarantine;
  readonly #slices: SliceDrain;
  readonly #entries: EntryReader;
  readonly #reader: TrailReader;
  readonly #drain: DeferredDrain;
  readonly #startedAt = performance.now();
  #closing: Promise<void> | undefined;

  private constructor(
    readonly dataSource: DataSource,
    instrumentation: Instrumentation,
    capture: Capture,
  ) {
    const { storeSql } = instrumentation.dialect;
    const { options } = instrumentation;
    this.#instrumentation = instrumentation;
    this.#outbox = new Outbox(storeSql, capture.meta);
    this.#writer = new EntryWriter(storeSql, options.batchSize);
    this.#quarantine = new Quarantine(storeSql);
    this.#slices = new SliceDrain(this.#outbox, this.#writer, this.#quarantine);
    this.#entries = new EntryReader(storeSql, capture.meta, capture.plan.names);
    const warn = (message: string) => this.#warn(message);
    this.#reader = new TrailReader(dataSource, instrumentation, () => this.#capture(), warn);
    this.#drain = new DeferredDrain(
      {
        drainSlice: (limits, timeoutMs) => this.#drainSlice(limits, timeoutMs),
        pending: (timeoutMs) => this.#reader.askWriter('flush', undefined, timeoutMs),
        committed: () => this.#reader.ask('flush', undefined),
        uses: () => capture.connection.lock.uses,
      },
      new Backlog(options, (message) => this.#warn(message)),
      options,
      {
        failed: (error, slowsWriters) =>
          this.#warn(
            `a drain failed and will be tried again${slowsWriters ? '; no writer is slowed meanwhile' : ''}: ${String(error)}`,
          ),
        broken: (records) => this.#warn(describeBroken(records)),
      },
    );
    instrumentation.onCommit = (changes) => this.#drain.notify(changes);
    instrumentation.beforeWriting = () => this.#drain.beforeWriting();
    instrumentation.onDisconnect = () => this.close();
    if (options.drain) this.#drain.start();
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
    instrument(dataSource, options);
    return trail;
  }

  static async #open(dataSource: DataSource, options: AuditTrailOptions | undefined): Promise<AuditTrail> {
    const instrumentation = instrument(dataSource, options);
    if (!dataSource.isInitialized) await dataSource.initialize();
    return new AuditTrail(dataSource, instrumentation, await startCapture(dataSource, instrumentation));
  }

  /** Figures of the log, of the drain, of capture and of the connection. */
  async stats(query: { fresh?: boolean } = {}): Promise<AuditStats> {
    if (query.fresh) await this.flush();
    const { options, dialect } = this.#instrumentation;
    return buildStats({
      ...(await this.#reader.ask('stats', undefined)),
      dialect,
      options,
      capture: this.#capture(),
      drain: this.#drain.figures,
      pool: this.#reader.figures,
      uptimeSeconds: (performance.now() - this.#startedAt) / 1000,
    });
  }

  /**
   * Entries, newest first, a page at a time.
   * @throws InvalidQueryError, InvalidCursorError
   */
  async recent(query: RecentQuery = {}): Promise<RecentPage> {
    const { filter, limit, reveal } = toFilter(query);
    if (query.fresh) await this.flush();
    const entries: AuditEntry[] = [];
    let reach: Freshness | undefined;
    const { settledUpTo } = this.#reader;
    for (let beforeId = filter.beforeId; ;) {
      const asked = { filter: { ...filter, beforeId }, limit: limit + 1 - entries.length, reveal, settledUpTo };
      const { goOnBefore, ...part } = await this.#reader.ask('recent', asked);
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
    return this.#reader.ask('dashboard', { settledUpTo: this.#reader.settledUpTo });
  }

  /**
   * Turns everything that is pending at the call into entries. Calls at the same time share one run.
   * @throws TransactionHeldError inside a transaction, which it could only wait for
   */
  async flush(): Promise<FlushResult> {
    this.#capture().connection.assertOutside('flush()');
    const start = performance.now();
    const flushed = await this.#drain.flush();
    const { rows } = await this.#reader.ask('flush', undefined);
    return { flushed, pendingCount: rows, durationMs: Math.round((performance.now() - start) * 1000) / 1000 };
  }

  /**
   * All entries of one row, newest first, up to this call: those under its key, whatever its class was, and, where it had
   * another key before, those under that one until then. The entry by which it left a key is found under both.
   * @throws UnknownEntityError, InvalidQueryError, InvalidCursorError
   */
  async history(entity: EntityTarget<ObjectLiteral>, id: unknown, query: RecentQuery = {}): Promise<RecentPage> {
    const key = this.#rowKey(entity, id);
    const { filter, limit, reveal } = toFilter({ ...query, entity: undefined, entityId: undefined });
    await this.flush();
    const { settledUpTo } = this.#reader;
    const found = await this.#reader.ask('history', { key, filter, limit: limit + 1, reveal, settledUpTo });
    return toPage(found, limit);
  }

  /**
   * The row as it was at an instant, or before an entry, with the columns that the trail can't restore; null where it did
   * not exist. A key that the row got later leads to it as well. A row that the trail first saw later is taken to have
   * been until then what its first entry says it was before, or what its baseline found.
   * @throws UnknownEntityError, InvalidQueryError
   */
  async asOf(entity: EntityTarget<ObjectLiteral>, id: unknown, at: Moment): Promise<RowState | null> {
    const key = this.#rowKey(entity, id);
    const moment = momentCondition(at);
    await this.flush();
    const found = await this.#reader.ask('asOf', { key, moment });
    if (!found) return null;
    const tools = this.#rowTools();
    const { unrestorable } = restorableOf(tools, tools.capture.engine, key.table, found.recorded);
    return { image: found.image, unrestorable };
  }

  /**
   * Puts a row back to what it was at an instant, or before an entry: an update of what differs, an insert where it was
   * deleted since, a delete where it did not exist. Values are written as they were stored, in one transaction, that of
   * the flow or of the manager where there is one, and the change is recorded like any other.
   * @throws RowDiffersError, RowMovedError, NotRestorableError, UnknownEntityError, InvalidQueryError, and what the
   * database says against it, such as a constraint; then nothing has been done.
   */
  revert(entity: EntityTarget<ObjectLiteral>, id: unknown, at: Moment, manager?: EntityManager): Promise<RevertReport> {
    return revertRow(this.#rowTools(manager), this.#rowKey(entity, id), at);
  }

  /** Records a business event, in the transaction of the flow or of the manager. */
  async record(event: AuditEvent, manager: EntityManager = this.dataSource.manager): Promise<void> {
    this.#capture();
    if (typeof event.name !== 'string' || event.name === '') {
      throw new InvalidQueryError('An event needs a name.', { value: event.name });
    }
    await manager.query(this.#instrumentation.dialect.captureSql.insertEvent, [JSON.stringify(event)]);
  }

  /**
   * Writes a `baseline` entry for every row of a captured table that has no entry yet, so that its history is complete.
   * It goes on where it was broken off, and leaves the application room to work.
   * @throws UnknownEntityError, InvalidQueryError, TransactionHeldError inside a transaction
   */
  baseline(options: CheckOptions = {}): Promise<BaselineReport> {
    return recordBaseline(this.#checkTools(), options);
  }

  /**
   * Compares the captured tables with the trail, and finds the rows that somebody changed behind the application's back;
   * with `accept` they are recorded as they are now. Errors as those of `baseline`.
   */
  doctor(options: DoctorOptions = {}): Promise<DoctorReport> {
    return examine(this.#checkTools(), options);
  }

  /** What attaching has set up, for a start-up log. */
  describe(): TrailDescription {
    const { dialect } = this.#instrumentation;
    const { engine, prepared, migrationsRun, meta, triggers } = this.#capture();
    return {
      databaseType: dialect.databaseType,
      driver: dialect.describe(engine),
      journalMode: prepared.journalMode,
      migrationsRun: [...migrationsRun],
      capturedTables: triggers.tables(),
      logId: meta.logId(engine),
      warnings: [...prepared.warnings, ...triggers.warnings],
    };
  }

  /**
   * Drains for at most `drainTimeoutMs` and stops. The DataSource stays open, and its changes stay captured: what is not
   * drained, or comes later, waits in the outbox for whoever attaches next. Idempotent.
   */
  close(options: { drainTimeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.drainTimeoutMs ?? this.#instrumentation.options.drainTimeoutMs);
    return this.#closing;
  }

  async #close(drainTimeoutMs: number): Promise<void> {
    try {
      const isEmpty = await this.#drain.stop(drainTimeoutMs);
      if (!isEmpty) this.#warn('closed before the outbox was empty; the rest waits in it');
    } finally {
      await this.#reader.close();
      this.#instrumentation.onCommit = undefined;
      this.#instrumentation.beforeWriting = undefined;
      this.#instrumentation.onDisconnect = undefined;
      attached.delete(this.dataSource);
    }
  }

  #warn(message: string): void {
    warner(this.#instrumentation.options)(message);
  }

  async #drainSlice(limits: SliceLimits, timeoutMs?: number): Promise<TimedSlice> {
    let start = 0;
    const drain = (engine: Engine) => {
      start = performance.now();
      // Without the audit tables nothing can be pending.
      return this.#capture().meta.areTablesThere(engine) ? this.#slices.run(engine, limits) : emptySlice;
    };
    const slice = await this.#capture().connection.exclusive('the drain', 'write', drain, timeoutMs);
    return { ...slice, ms: performance.now() - start };
  }

  #checkTools(): CheckTools {
    return {
      dataSource: this.dataSource,
      dialect: this.#instrumentation.dialect,
      capture: this.#capture(),
      writer: this.#writer,
      quarantine: this.#quarantine,
      ...this.#drainTools(),
    };
  }

  #drainTools() {
    return {
      flush: () => this.flush(),
      drainSlice: (engine: Engine): Slice => this.#slices.run(engine, checkSlice),
      drained: (slice: Slice) => this.#drain.drained(slice),
    };
  }

  #capture(): Capture {
    const { capture } = this.#instrumentation;
    if (!capture) throw new TrailClosedError('The DataSource of this trail is closed.');
    return capture;
  }

  #rowTools(manager = this.dataSource.manager): RowTools {
    const { dialect } = this.#instrumentation;
    return { ...this.#drainTools(), dialect, capture: this.#capture(), reader: this.#entries, manager };
  }

  #rowKey(entity: EntityTarget<ObjectLiteral>, id: unknown): RowKey {
    if (!this.dataSource.hasMetadata(entity))
      throw new UnknownEntityError('There is no such entity.', { value: entity });
    const { name, tableName, primaryColumns } = this.dataSource.getMetadata(entity);
    const properties = primaryColumns.map((column) => column.propertyPath);
    const text = typeof id === 'object' && id !== null ? compositeKeyText(properties, id) : keyText(id);
    return { entity: name, table: tableName, id: text };
  }
}

/** @param entries one more than fits tells that there is another page */
function toPage({ entries, reach }: { entries: AuditEntry[]; reach: Freshness }, limit: number): RecentPage {
  const shown = entries.slice(0, limit);
  return { entries: shown, nextCursor: entries.length > limit ? encodeCursor(shown.at(-1)!.id) : null, ...reach };
}
