import { performance } from 'node:perf_hooks';
import type { DataSource, EntityManager, EntityMetadata } from 'typeorm';
import { RollUps } from './batching/roll-ups';
import { warner } from './capture/instrument';
import type { ServerCapture, ServerInstrumentation } from './capture/server-start';
import { serverTable } from './capture/server-table';
import { type BaselineTools, recordBaseline } from './checks/baseline';
import type { CheckTools } from './checks/check-tools';
import { examine } from './checks/doctor';
import { ServerBaseline } from './checks/server-baseline';
import { ServerShapes } from './checks/server-shapes';
import { ServerTurns } from './checks/server-turns';
import type { Engine } from './dialect/engine';
import { runReplayed } from './dialect/replayed';
import type { LiveServerColumn } from './dialect/server-capture';
import { TrailClosedError } from './errors';
import type { PortableEntry } from './model/portable-entry';
import { askServer, whereTablesAre } from './readers/ask-server';
import { type QueryAnswer, type QueryArgument, type QueryName, TrailQueries } from './readers/trail-queries';
import { buildServerStats } from './reporting';
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
import { revertOnServer, type ServerRevertTools } from './rows/revert-on-server';
import type { RowKey } from './rows/row-log';
import { serverRowKey } from './rows/server-row-key';
import { liveTable, restorableOf, type RowTools } from './rows/row-tools';
import { DeliveredImages, type DeliveredLog } from './store/delivered-images';
import { EntryReader, type RecordedImage } from './store/entry-reader';
import { MetaStore } from './store/meta-store';
import { ServerImport } from './store/server-import';
import { ServerRows } from './store/server-rows';
import { TrailImages } from './store/trail-images';
import type { LocalTrail, ShippingHooks } from './trail-parts';

/** The parts of a trail whose triggers write entries at once, on a pool of connections. */
export class ImmediateParts implements LocalTrail {
  readonly #instrumentation: ServerInstrumentation;
  readonly #queries: TrailQueries;
  readonly #rollUps: RollUps;
  readonly #startedAt = performance.now();

  constructor(
    private readonly dataSource: DataSource,
    instrumentation: ServerInstrumentation,
    capture: ServerCapture,
    onDisconnect: () => Promise<void>,
    /** Where the log waits for another database: then it is that one that has roll-ups. */
    private readonly shipping?: ShippingHooks,
  ) {
    const { options } = instrumentation;
    const { session } = capture;
    this.#instrumentation = instrumentation;
    this.#queries = new TrailQueries(session, capture.plan.names, true);
    this.#rollUps = new RollUps(
      session,
      options.commitIntervalMs,
      (error) => warner(options)(`the roll-ups failed and will be tried again: ${String(error)}`),
      () => capture.warnings.tell(),
    );
    instrumentation.onDisconnect = onDisconnect;
    if (options.drain && !shipping) this.#rollUps.start();
  }

  /** Of transactions of any process the database alone knows. */
  readonly settledUpTo = Infinity;

  async ask<Name extends QueryName>(name: Name, argument: QueryArgument<Name>): Promise<QueryAnswer<Name>> {
    return askServer(this.#queries, this.#capture().session, name, argument);
  }

  async stats(): Promise<AuditStats> {
    const { dialect, options } = this.#instrumentation;
    const { session, transactions, triggers, warnings, plan } = this.#capture();
    const { pending, summary } = await this.ask('stats', undefined);
    return buildServerStats({
      dialect,
      options,
      pending,
      summary,
      pool: session.poolFigures(),
      transactions: transactions.figures,
      retries: this.#instrumentation.retries,
      capture: {
        tables: triggers.tables(),
        notCaptured: plan.notCaptured,
        ...(await triggers.gaps(session.pool)),
        policyWarnings: await warnings.list(),
      },
      lastFlush: this.#rollUps.lastRun,
      flushFailures: this.#rollUps.failures,
      uptimeSeconds: (performance.now() - this.#startedAt) / 1000,
    });
  }

  /** Triggers have made the entries, in the transaction of the change. */
  async catchUp(): Promise<void> {}

  /** There is nothing to be turned into entries; the roll-ups are brought up to date. */
  async flush(): Promise<number> {
    const { pool, noteHorizon } = this.#capture().session;
    if (this.shipping) await pool.query(noteHorizon);
    else await this.#rollUps.run();
    return 0;
  }

  async record({ name, data, entity, entityId }: AuditEvent, manager: EntityManager): Promise<void> {
    const { captureSql } = this.#capture().session;
    const after = { name, ...(data !== undefined && { data }) };
    const values = [
      entity ?? '',
      '',
      entityId ?? null,
      'event',
      JSON.stringify(after),
      JSON.stringify(Object.keys(after)),
    ];
    await manager.query(captureSql.insertEvent, values);
  }

  rowKey(metadata: EntityMetadata, id: unknown): Promise<RowKey> {
    return serverRowKey(this.#capture(), this.#instrumentation.dialect, metadata, id);
  }

  unrestorable({ table }: RowKey, recorded: RecordedImage): Promise<UnrestorableColumn[]> {
    const tools = this.#rowTools();
    const columns = (engine: Engine) =>
      restorableOf(tools, engine, liveTable(tools, engine, table), recorded).unrestorable;
    return runReplayed(columns, this.#capture().session.pool);
  }

  revert(key: RowKey, at: Moment, manager: EntityManager): Promise<RevertReport> {
    const { session } = this.#capture();
    const within: ServerRevertTools['within'] = (queryRunner) => session.within(queryRunner);
    return revertOnServer({ ...this.#rowTools(), manager, within }, key, at);
  }

  async baseline(options: CheckOptions, delivered?: DeliveredLog): Promise<BaselineReport> {
    const tools = this.#checkTools(delivered);
    const { session } = this.#capture();
    const baseline = new ServerBaseline(session, tools.turns, delivered);
    const recordChunk: BaselineTools['recordChunk'] = (...chunk) => baseline.recordChunk(...chunk);
    const report = await whereTablesAre(session, recordBaseline({ ...tools, recordChunk }, options));
    // Counted now, or by every reader until a background run does.
    if (!delivered) await this.#rollUps.run();
    return report;
  }

  doctor(options: DoctorOptions, delivered?: DeliveredLog): Promise<DoctorReport> {
    return whereTablesAre(this.#capture().session, examine(this.#checkTools(delivered), options));
  }

  async removeDelivered(ids: readonly number[]): Promise<void> {
    const { pool, deliverySql, noteHorizon } = this.#capture().session;
    await pool.query(deliverySql.removeDelivered, [JSON.stringify(ids)]);
    await pool.query(noteHorizon);
  }

  withDelivered<T>(
    entries: readonly PortableEntry[],
    manager: EntityManager,
    fn: (manager: EntityManager) => Promise<T>,
  ): Promise<T> {
    const { session } = this.#capture();
    return manager.transaction(async (inner) => {
      const queryRunner = inner.queryRunner!;
      await new ServerImport(session).write(queryRunner, entries, 'keep');
      const result = await fn(inner);
      const ids = JSON.stringify(entries.map(({ seq }) => seq));
      await session.within(queryRunner).query(session.deliverySql.removeOwn, [ids]);
      return result;
    });
  }

  describe(): TrailDescription {
    const { driver, migrationsRun, session, triggers, logId, notes } = this.#capture();
    return {
      databaseType: this.#instrumentation.dialect.databaseType,
      driver,
      journalMode: null,
      pool: session.poolLimits,
      migrationsRun: [...migrationsRun],
      capturedTables: triggers.tables(),
      logId,
      auditDatabase: null,
      warnings: [...notes, ...triggers.warnings],
    };
  }

  async close(drainTimeoutMs = this.#instrumentation.options.drainTimeoutMs): Promise<void> {
    await this.shipping?.stop(drainTimeoutMs);
    await this.#rollUps.stop();
    this.#instrumentation.onDisconnect = undefined;
  }

  #checkTools(delivered: DeliveredLog | undefined): CheckTools & { turns: ServerTurns } {
    const capture = this.#capture();
    const { session, plan } = capture;
    const { dialect, options } = this.#instrumentation;
    const { checkSql, patientSql } = session;
    const meta = new MetaStore(patientSql);
    const here = new TrailImages(checkSql, meta);
    const elsewhere = delivered && new DeliveredImages(here, meta, delivered);
    const turns = new ServerTurns({
      checkSql,
      pool: session.givingWay(session.pool),
      apart: (work) => capture.inTransaction((queryRunner) => work(session.givingWay(session.within(queryRunner)))),
      typed: (error) => dialect.typedError(error, 'transaction'),
      lockTimeoutMs: options.lockTimeoutMs,
      look(fn, connection) {
        const replay = () => runReplayed(fn, connection);
        return elsewhere ? elsewhere.look(replay) : replay();
      },
    });
    return {
      dataSource: this.dataSource,
      meta,
      names: plan.names,
      shapes: new ServerShapes(capture, meta),
      rows: new ServerRows(checkSql),
      images: elsewhere ?? here,
      knowsDelivered: delivered !== undefined,
      countEntries: async (entities) =>
        delivered ? delivered.countEntries({ entities }) : turns.take((engine) => here.count(engine, entities)),
      // A server makes one lock of a whole table of some thousands on its rows.
      mostRows: 2000,
      turns,
      quarantined: () => Promise.resolve([]),
    };
  }

  /** What they have read is of this moment: a rollback may give the number of a column map to another one. */
  #rowTools(): RowTools {
    const { session, plan, triggers } = this.#capture();
    const { captureSql, patientSql, revertSql } = session;
    const meta = new MetaStore(patientSql);
    return {
      revertSql,
      meta,
      names: plan.names,
      reader: new EntryReader(patientSql, meta, plan.names),
      mapOfToday({ name, columns }) {
        const planned = triggers.planOf(name);
        return planned && columns.length > 0
          ? serverTable(captureSql, planned, columns as readonly LiveServerColumn[]).map
          : undefined;
      },
    };
  }

  #capture(): ServerCapture {
    const { capture } = this.#instrumentation;
    if (!capture) throw new TrailClosedError('The DataSource of this trail is closed.');
    return capture;
  }
}
