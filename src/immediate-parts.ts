import { performance } from 'node:perf_hooks';
import type { EntityManager, EntityMetadata } from 'typeorm';
import { RollUps } from './batching/roll-ups';
import { warner } from './capture/instrument';
import type { ServerCapture, ServerInstrumentation } from './capture/server-start';
import { TrailClosedError, UnsupportedOperationError } from './errors';
import { askServer } from './readers/ask-server';
import type { PortableEntry } from './model/portable-entry';
import { type QueryAnswer, type QueryArgument, type QueryName, TrailQueries } from './readers/trail-queries';
import { ServerImport } from './store/server-import';
import { buildServerStats } from './reporting';
import type { AuditEvent, AuditStats, BaselineReport, DoctorReport, RevertReport, TrailDescription } from './reports';
import type { LocalTrail, ShippingHooks } from './trail-parts';

/** The parts of a trail whose triggers write entries at once, on a pool of connections. */
export class ImmediateParts implements LocalTrail {
  readonly #instrumentation: ServerInstrumentation;
  readonly #queries: TrailQueries;
  readonly #rollUps: RollUps;
  readonly #startedAt = performance.now();

  constructor(
    instrumentation: ServerInstrumentation,
    capture: ServerCapture,
    onDisconnect: () => Promise<void>,
    /** Where the log waits for another database: then it is that one that has roll-ups. */
    private readonly shipping?: ShippingHooks,
  ) {
    const { options } = instrumentation;
    const { session } = capture;
    this.#instrumentation = instrumentation;
    this.#queries = new TrailQueries(session.storeSql, capture.plan.names, true);
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

  tableOf(metadata: EntityMetadata): string {
    return this.#capture().tableOf(metadata);
  }

  keyValue(type: string, value: unknown): unknown {
    return this.#instrumentation.dialect.keyValue(type, value);
  }

  unrestorable(): [] {
    return [];
  }

  revert(): Promise<RevertReport> {
    return Promise.reject(notYet('revert()'));
  }

  baseline(): Promise<BaselineReport> {
    return Promise.reject(notYet('baseline()'));
  }

  doctor(): Promise<DoctorReport> {
    return Promise.reject(notYet('doctor()'));
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
      await session.within(queryRunner).query(session.deliverySql.removeDelivered, [ids]);
      return result;
    });
  }

  describe(): TrailDescription {
    const { driver, migrationsRun, session, triggers, logId } = this.#capture();
    return {
      databaseType: this.#instrumentation.dialect.databaseType,
      driver,
      journalMode: null,
      pool: session.poolLimits,
      migrationsRun: [...migrationsRun],
      capturedTables: triggers.tables(),
      logId,
      auditDatabase: null,
      warnings: [...triggers.warnings],
    };
  }

  async close(drainTimeoutMs = this.#instrumentation.options.drainTimeoutMs): Promise<void> {
    await this.shipping?.stop(drainTimeoutMs);
    await this.#rollUps.stop();
    this.#instrumentation.onDisconnect = undefined;
  }

  #capture(): ServerCapture {
    const { capture } = this.#instrumentation;
    if (!capture) throw new TrailClosedError('The DataSource of this trail is closed.');
    return capture;
  }
}

function notYet(what: string): UnsupportedOperationError {
  return new UnsupportedOperationError(`${what} is not there for this database.`);
}
