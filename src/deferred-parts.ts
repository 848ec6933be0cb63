import { performance } from 'node:perf_hooks';
import type { DataSource, EntityManager, EntityMetadata } from 'typeorm';
import { Backlog } from './batching/backlog';
import { DeferredDrain, type TimedSlice } from './batching/deferred-drain';
import { type Slice, SliceDrain, type SliceLimits, emptySlice } from './batching/drain-slice';
import { type BaselineTools, recordBaseline } from './checks/baseline';
import type { CheckTools } from './checks/check-tools';
import { examine } from './checks/doctor';
import { SerialBaseline } from './checks/serial-baseline';
import { SerialShapes } from './checks/serial-shapes';
import { SerialTurns } from './checks/serial-turns';
import { type Capture, type Instrumentation, warner } from './capture/instrument';
import type { Engine } from './dialect/engine';
import { untilAnswered } from './dialect/replayed';
import { TrailClosedError } from './errors';
import type { PortableEntry } from './model/portable-entry';
import type { QueryAnswer, QueryArgument, QueryName } from './readers/trail-queries';
import { TrailReader } from './readers/trail-reader';
import { buildStats, describeBroken } from './reporting';
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
import { revertRow } from './rows/revert';
import { keyTexts } from './rows/row-key';
import type { RowKey } from './rows/row-log';
import { liveTable, restorableOf, type RowTools } from './rows/row-tools';
import { DeliveredEntries } from './store/delivered-entries';
import { DeliveredImages, type DeliveredLog } from './store/delivered-images';
import { EntryImport } from './store/entry-import';
import { EntryReader, type RecordedImage } from './store/entry-reader';
import { EntryWriter } from './store/entry-writer';
import { LiveRows } from './store/live-rows';
import { Outbox } from './store/outbox';
import { Quarantine } from './store/quarantine';
import { RecordedElsewhere, RecordedRows } from './store/recorded-rows';
import { TrailImages } from './store/trail-images';
import type { LocalTrail, ShippingHooks } from './trail-parts';

/** A slice within a transaction of the checks. */
const checkSlice: SliceLimits = { rows: 250, bytes: 1_000_000 };

/** The parts of a trail whose triggers write to an outbox, on one serialised connection. */
export class DeferredParts implements LocalTrail {
  readonly #instrumentation: Instrumentation;
  readonly #outbox: Outbox;
  readonly #writer: EntryWriter;
  readonly #quarantine: Quarantine;
  readonly #slices: SliceDrain;
  readonly #entries: EntryReader;
  readonly #reader: TrailReader;
  readonly #drain: DeferredDrain;
  readonly #startedAt = performance.now();

  constructor(
    private readonly dataSource: DataSource,
    instrumentation: Instrumentation,
    capture: Capture,
    onDisconnect: () => Promise<void>,
    /** Where the log waits for another database. */
    private readonly shipping?: ShippingHooks,
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
        drained: () => this.shipping?.onEntries(),
      },
    );
    instrumentation.onCommit = (changes) => this.#drain.notify(changes);
    instrumentation.beforeWriting = () => this.#drain.beforeWriting() ?? this.shipping?.beforeWriting();
    instrumentation.onDisconnect = onDisconnect;
    if (options.drain) this.#drain.start();
  }

  get settledUpTo(): number {
    return this.#reader.settledUpTo;
  }

  ask<Name extends QueryName>(name: Name, argument: QueryArgument<Name>): Promise<QueryAnswer<Name>> {
    return this.#reader.ask(name, argument);
  }

  async stats(): Promise<AuditStats> {
    const { options, dialect } = this.#instrumentation;
    const { settledUpTo } = this.#reader;
    const openForMs = this.#capture().connection.lock.heldForMs;
    return buildStats({
      settledUpTo,
      openForMs,
      ...(await this.#reader.ask('stats', undefined)),
      dialect,
      options,
      capture: this.#capture(),
      drain: this.#drain.figures,
      pool: this.#reader.figures,
      uptimeSeconds: (performance.now() - this.#startedAt) / 1000,
    });
  }

  catchUp(): Promise<unknown> {
    return this.flush();
  }

  flush(): Promise<number> {
    this.#capture().connection.assertOutside('flush()');
    return this.#drain.flush();
  }

  async record(event: AuditEvent, manager: EntityManager): Promise<void> {
    this.#capture();
    await manager.query(this.#instrumentation.dialect.captureSql.insertEvent, [JSON.stringify(event)]);
  }

  rowKey({ name, tableName, primaryColumns }: EntityMetadata, id: unknown): Promise<RowKey> {
    const [text] = keyTexts(primaryColumns, id);
    return Promise.resolve({ entity: name, table: tableName, id: text! });
  }

  async unrestorable({ table }: RowKey, recorded: RecordedImage): Promise<UnrestorableColumn[]> {
    const tools = this.#rowTools();
    const { engine } = this.#capture();
    return restorableOf(tools, engine, liveTable(tools, engine, table), recorded).unrestorable;
  }

  revert(key: RowKey, at: Moment, manager: EntityManager): Promise<RevertReport> {
    return revertRow({ ...this.#rowTools(), ...this.#drainTools(), capture: this.#capture(), manager }, key, at);
  }

  baseline(options: CheckOptions, delivered?: DeliveredLog): Promise<BaselineReport> {
    const tools = this.#checkTools('the baseline', delivered);
    const { checkSql } = this.#instrumentation.dialect;
    const recorded = delivered ? new RecordedElsewhere(tools.images) : new RecordedRows(checkSql);
    const baseline = new SerialBaseline(this.#writer, recorded);
    const recordChunk: BaselineTools['recordChunk'] = (...chunk) => baseline.recordChunk(...chunk);
    return recordBaseline({ ...tools, recordChunk }, options);
  }

  doctor(options: DoctorOptions, delivered?: DeliveredLog): Promise<DoctorReport> {
    return examine(this.#checkTools('the doctor', delivered), options);
  }

  removeDelivered(ids: readonly number[]): Promise<void> {
    const { connection, meta } = this.#capture();
    const delivered = new DeliveredEntries(this.#instrumentation.dialect.storeSql, meta);
    return connection.exclusive('the delivery', 'write', (engine) => delivered.remove(engine, ids));
  }

  withDelivered<T>(
    entries: readonly PortableEntry[],
    manager: EntityManager,
    fn: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    const { connection, meta } = this.#capture();
    const { storeSql } = this.#instrumentation.dialect;
    return manager.transaction(async (inner) => {
      await connection.joined('revert()', (engine) =>
        new EntryImport(storeSql, this.#writer).write(engine, entries, 'keep'),
      );
      const result = await fn(inner);
      const ids = entries.map(({ seq }) => seq);
      await connection.joined('revert()', (engine) => new DeliveredEntries(storeSql, meta).remove(engine, ids));
      return result;
    });
  }

  describe(): TrailDescription {
    const { dialect } = this.#instrumentation;
    const { engine, prepared, migrationsRun, meta, triggers } = this.#capture();
    return {
      databaseType: dialect.databaseType,
      driver: dialect.describe(engine),
      journalMode: prepared.journalMode,
      pool: null,
      migrationsRun: [...migrationsRun],
      capturedTables: triggers.tables(),
      logId: meta.logId(engine),
      auditDatabase: null,
      warnings: [...prepared.warnings, ...triggers.warnings],
    };
  }

  async close(drainTimeoutMs = this.#instrumentation.options.drainTimeoutMs): Promise<void> {
    const start = performance.now();
    try {
      const isEmpty = await this.#drain.stop(drainTimeoutMs);
      if (!isEmpty) this.#warn('closed before the outbox was empty; the rest waits in it');
      await this.shipping?.stop(Math.max(0, drainTimeoutMs - (performance.now() - start)));
    } finally {
      await this.#reader.close();
      this.#instrumentation.onCommit = undefined;
      this.#instrumentation.beforeWriting = undefined;
      this.#instrumentation.onDisconnect = undefined;
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

  #checkTools(label: string, delivered: DeliveredLog | undefined): CheckTools {
    const capture = this.#capture();
    const { connection, meta, plan } = capture;
    const { captureSql, checkSql } = this.#instrumentation.dialect;
    const here = new TrailImages(checkSql, meta);
    const elsewhere = delivered && new DeliveredImages(here, meta, delivered);
    const turns = new SerialTurns(label, {
      ...{ connection, meta, writer: this.#writer, ...this.#drainTools() },
      look: (fn) => (elsewhere ? elsewhere.look(() => untilAnswered(fn)) : fn()),
    });
    return {
      dataSource: this.dataSource,
      meta,
      names: plan.names,
      shapes: new SerialShapes(capture, captureSql, checkSql),
      rows: new LiveRows(checkSql),
      images: elsewhere ?? here,
      knowsDelivered: delivered !== undefined,
      countEntries: async (entities) =>
        delivered ? delivered.countEntries({ entities }) : turns.take((engine) => here.count(engine, entities)),
      turns,
      quarantined: (limit) =>
        turns.take((engine) =>
          this.#quarantine.list(engine, limit).map(({ at, ...row }) => ({ ...row, at: new Date(at).toISOString() })),
        ),
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

  #rowTools(): RowTools {
    const { meta, plan, triggers } = this.#capture();
    return {
      revertSql: this.#instrumentation.dialect.revertSql,
      meta,
      names: plan.names,
      reader: this.#entries,
      mapOfToday({ name }) {
        const planned = plan.tables.find(({ table }) => table === name);
        return planned && triggers.mapOf(planned);
      },
    };
  }
}
