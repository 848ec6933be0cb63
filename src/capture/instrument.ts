import { isDeepStrictEqual } from 'node:util';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import type { Dialect, PreparedConnection } from '../dialect/dialect';
import type { Engine } from '../dialect/engine';
import { dialectOf } from '../dialect/select';
import type { SideReader } from '../dialect/side-reader';
import { InvalidOptionError, TransactionHeldError, UnsupportedDatabaseError } from '../errors';
import { type AuditTrailOptions, type ResolvedOptions, resolveOptions } from '../options';
import { migrateAuditSchema } from '../store/audit-migrator';
import { ownTransaction } from '../store/own-transaction';
import { logElsewhere, MetaStore } from '../store/meta-store';
import { AuditSubscriber } from './audit-subscriber';
import { CaptureTriggers } from './capture-triggers';
import { ContextRow } from './context-row';
import { disconnecting } from './disconnecting';
import { type CapturePlan, planCapture } from './entity-plan';
import { keepSubscribed } from './keep-subscribed';
import { markTreeStatements } from './orm-view';
import { OtherCommits } from './other-commits';
import { PolicyWarnings } from './policy-warnings';
import { scopedManagerClass } from './scoped-entity-manager';
import { SerializedConnection } from './serialized-connection';
import { serializedRunnerClass } from './serialized-query-runner';
import { untilFree } from './until-free';
import { WriteGuard } from './write-guard';

/** The capture of one open connection. */
export interface Capture {
  readonly engine: Engine;
  readonly connection: SerializedConnection;
  readonly side: SideReader | undefined;
  readonly triggers: CaptureTriggers;
  readonly guard: WriteGuard;
  readonly meta: MetaStore;
  readonly prepared: PreparedConnection;
  readonly otherCommits: OtherCommits;
  readonly policyWarnings: PolicyWarnings;
  /** Audit migrations that ran when the connection was opened. */
  readonly migrationsRun: string[];
  readonly plan: CapturePlan;
}

/** A DataSource under capture. */
export interface Instrumentation {
  readonly dialect: Dialect;
  givenOptions: AuditTrailOptions;
  options: ResolvedOptions;
  /** Undefined while the DataSource is not initialised. */
  capture: Capture | undefined;
  /** Puts the open connection under capture. */
  open(): Promise<void>;
  /** The audit tables are there and capture stands. */
  isStarted: boolean;
  /** Told after each commit how many rows its statements changed. */
  onCommit: ((changes: number) => void) | undefined;
  /** What a transaction that may write waits for before it asks for the connection. */
  beforeWriting: (() => Promise<void> | undefined) | undefined;
  /** Gives up the claim on what is open; undefined while nothing is claimed. */
  release: (() => void) | undefined;
  /** Called before the connection is closed. */
  onDisconnect: (() => Promise<void>) | undefined;
}

/** The fields of TypeORM's driver that this seam replaces or reads; everything else of it is public. */
interface DriverSeam {
  queryRunner?: QueryRunner & { isReleased: boolean };
  connect(): Promise<void>;
  afterConnect(): Promise<void>;
  disconnect(): Promise<void>;
  createQueryRunner(mode: 'master' | 'slave'): QueryRunner;
}

const instrumented = new WeakMap<DataSource, Instrumentation>();

export function instrumentationOf(dataSource: DataSource): Instrumentation | undefined {
  return instrumented.get(dataSource);
}

/**
 * Puts a DataSource under capture: its driver hands out serialised query runners, opens the connection with triggers,
 * and closes it after a last drain. Called again, it returns what is there; options are added to those given before.
 * @throws InvalidOptionError where options are wrong, or come too late to change what an open connection was set up with
 */
export function instrument(dataSource: DataSource, options: AuditTrailOptions = {}): Instrumentation {
  const existing = instrumented.get(dataSource);
  if (existing) return withOptions(existing, options);
  const dialect = dialectOf(dataSource);
  const driver = dataSource.driver as unknown as DriverSeam;
  const original = {
    connect: driver.connect.bind(driver),
    afterConnect: driver.afterConnect.bind(driver),
    disconnect: driver.disconnect.bind(driver),
    createQueryRunner: driver.createQueryRunner.bind(driver),
  };
  const instrumentation: Instrumentation = {
    dialect,
    givenOptions: options,
    options: resolveOptions(options, dialect.capabilities),
    capture: undefined,
    open: () => openCapture(dataSource, instrumentation, driver, original.createQueryRunner),
    isStarted: false,
    onCommit: undefined,
    beforeWriting: undefined,
    release: undefined,
    onDisconnect: undefined,
  };
  instrumented.set(dataSource, instrumentation);
  dialect.tune(dataSource);
  markTreeStatements();

  driver.connect = async () => {
    // Before the file is opened, which may be what does the harm.
    instrumentation.release ??= dialect.claim(dataSource);
    try {
      await original.connect();
    } catch (error) {
      release(instrumentation);
      throw error;
    }
    await instrumentation.open();
  };
  driver.afterConnect = async () => {
    await original.afterConnect();
    await startCapture(dataSource, instrumentation);
  };
  driver.disconnect = () =>
    disconnecting(dataSource, instrumentation.onDisconnect, async () => {
      // First, so that the writing connection is the last one, which clears the write-ahead log away.
      await instrumentation.capture?.side?.close();
      instrumentation.capture = undefined;
      instrumentation.isStarted = false;
      await original.disconnect();
      release(instrumentation);
    });
  return instrumentation;
}

function release(instrumentation: Instrumentation): void {
  instrumentation.release?.();
  instrumentation.release = undefined;
}

function withOptions(instrumentation: Instrumentation, options: AuditTrailOptions): Instrumentation {
  const given = { ...instrumentation.givenOptions, ...options };
  const resolved = resolveOptions(given, instrumentation.dialect.capabilities);
  for (const name of Object.keys(options) as (keyof AuditTrailOptions)[]) {
    if (!instrumentation.capture || isDeepStrictEqual(resolved[name], instrumentation.options[name])) continue;
    throw new InvalidOptionError(`The connection is open already, with another value of ${name}.`, {
      // A URL may hold a password.
      ...(name !== 'auditDatabase' && { value: options[name] }),
    });
  }
  instrumentation.givenOptions = given;
  if (!instrumentation.capture) instrumentation.options = resolved;
  return instrumentation;
}

/** Without a lock where there is nothing to do. Another process that starts on a new file may be first, and all of it fails. */
function migrate(dataSource: DataSource): Promise<string[]> {
  return migrateAuditSchema(dataSource).catch(() =>
    ownTransaction(dataSource.createQueryRunner(), (alone) => migrateAuditSchema(dataSource, 'outbox', alone)),
  );
}

/** Opens what is not open yet, and makes sure that the audit tables are there. Part of `initialize()`. */
export async function startCapture(dataSource: DataSource, instrumentation: Instrumentation): Promise<Capture> {
  if (!instrumentation.capture) await instrumentation.open();
  const capture = instrumentation.capture!;
  if (instrumentation.isStarted) return capture;
  const attached = capture.plan.notCaptured.filter(({ reason }) => reason === 'in an attached database file');
  if (attached.length > 0) {
    const tables = attached.map(({ table }) => table).join(', ');
    throw new UnsupportedDatabaseError(
      `${tables}: tables in an attached database file can't be audited, because a transaction across files is not atomic. Exclude them, or give the file a DataSource of its own.`,
      { value: tables },
    );
  }
  if (instrumentation.options.migrate) capture.migrationsRun.push(...(await migrate(dataSource)));
  // A DataSource without entities has come to look, and takes no lock.
  if (capture.plan.tables.length > 0) {
    await capture.connection.exclusive('attach()', 'write', () => capture.guard.start());
  }
  instrumentation.isStarted = true;
  return capture;
}

async function openCapture(
  dataSource: DataSource,
  instrumentation: Instrumentation,
  driver: DriverSeam,
  createQueryRunner: DriverSeam['createQueryRunner'],
): Promise<void> {
  const { dialect, options } = instrumentation;
  instrumentation.release ??= dialect.claim(dataSource);
  await dialect.adopt(dataSource);
  const engine = dialect.engineOf(dataSource);
  if (engine.inTransaction) {
    throw new TransactionHeldError('A transaction is open on the connection; attach before, or after it has ended.');
  }
  // Another process that is starting on the same file may hold its lock for a moment.
  const prepared = await untilFree(engine, options.lockTimeoutMs, { label: 'Opening the database' }, () =>
    dialect.prepare(engine),
  );
  const warn = warner(options);
  const meta = new MetaStore(dialect.storeSql);
  if (options.auditDatabase === undefined && meta.areTablesThere(engine) && meta.deliveredLogs(engine).length > 0)
    prepared.warnings.push(logElsewhere);
  prepared.warnings.forEach(warn);
  let plan: CapturePlan | undefined;
  const currentPlan = () => (plan ??= planCapture(dataSource, options, (type) => dialect.columnKind(type)));
  const triggers = new CaptureTriggers(engine, dialect.captureSql, meta, currentPlan, warn);
  const contextRow = new ContextRow(engine, dialect.captureSql);
  const { insertEvent } = dialect.captureSql;
  const policyWarnings = new PolicyWarnings(engine, dialect.captureSql, warn);
  const guard = new WriteGuard(engine, triggers, contextRow, policyWarnings, insertEvent, (changes) =>
    instrumentation.onCommit?.(changes),
  );
  const side = options.readers ? await openSide(dataSource, dialect, engine, prepared, warn) : undefined;
  const connection = new SerializedConnection(
    engine,
    guard,
    options.lockTimeoutMs,
    {
      timeoutMs: options.idleTransactionTimeoutMs,
      onIdle: warn,
    },
    () => instrumentation.beforeWriting?.(),
    side,
  );
  const migrationsRun: string[] = [];
  instrumentation.capture = {
    engine,
    connection,
    side,
    triggers,
    guard,
    meta,
    prepared,
    migrationsRun,
    policyWarnings,
    otherCommits: new OtherCommits(engine, dialect.captureSql.foreignCommits),
    get plan() {
      return currentPlan();
    },
  };

  replaceRunners(driver, createQueryRunner, connection, (sql) =>
    options.allowLogDestruction || !changesSchema(engine, sql) ? undefined : dialect.auditTableDestroyedBy(sql),
  );
  replaceManagers(dataSource, connection);
  const planOf = (table: string) => currentPlan().tables.find((planned) => planned.table === table);
  const subscriber = new AuditSubscriber(guard, planOf);
  // TypeORM builds its own list while it initialises, from classes only, and none for its command line.
  keepSubscribed(dataSource, subscriber);
}

/** Whoever is told may fail; the change that it is told of does not fail with it. */
export function warner({ onWarning }: ResolvedOptions): (message: string) => void {
  return (message) => {
    try {
      onWarning(`audit trail: ${message}`);
    } catch (error) {
      process.emitWarning(`onWarning failed: ${String(error)}; it was told: ${message}`, 'AuditTrailWarning');
    }
  };
}

/** Without it the application's reads take their turn, as they would without this library. */
async function openSide(
  dataSource: DataSource,
  dialect: Dialect,
  engine: Engine,
  { journalMode }: PreparedConnection,
  warn: (message: string) => void,
): Promise<SideReader | undefined> {
  try {
    return await dialect.openSideReader(dataSource, engine, journalMode);
  } catch (error) {
    warn(`no second connection can be opened, so reads wait for the first: ${String(error)}`);
    return undefined;
  }
}

function changesSchema(engine: Engine, sql: string): boolean {
  const { kind } = engine.classify(sql);
  return kind === 'ddl' || kind === 'drop';
}

function replaceRunners(
  driver: DriverSeam,
  createQueryRunner: DriverSeam['createQueryRunner'],
  connection: SerializedConnection,
  protectedTable: (sql: string) => string | undefined,
): void {
  // The stock driver makes one runner and shares it; whoever still holds it must not go around the lock.
  const shared = createQueryRunner('master') as QueryRunner & { isReleased: boolean };
  shared.isReleased = true;
  delete driver.queryRunner;
  const Runner = serializedRunnerClass(shared.constructor as Parameters<typeof serializedRunnerClass>[0], {
    connection,
    protectedTable,
  });
  driver.createQueryRunner = () => new Runner(driver);
}

function replaceManagers(dataSource: DataSource, connection: SerializedConnection): void {
  const Manager = scopedManagerClass(connection.frames);
  // Repositories made earlier keep the manager they have, so it changes its class instead of being replaced.
  Object.setPrototypeOf(dataSource.manager, Manager.prototype);
  dataSource.createEntityManager = (queryRunner?: QueryRunner): EntityManager => new Manager(dataSource, queryRunner);
}
