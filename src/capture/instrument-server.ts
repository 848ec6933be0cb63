import { isDeepStrictEqual } from 'node:util';
import type { DataSource, QueryRunner } from 'typeorm';
import type { ServerDialect } from '../dialect/server-dialect';
import { InvalidOptionError } from '../errors';
import { type AuditTrailOptions, resolveOptions } from '../options';
import { contextRunnerClass } from './context-query-runner';
import { disconnecting } from './disconnecting';
import { markTreeStatements } from './orm-view';
import { type ServerCapture, type ServerInstrumentation, ServerStart } from './server-start';

interface DriverSeam {
  afterConnect(): Promise<void>;
  disconnect(): Promise<void>;
  createQueryRunner(mode: 'master' | 'slave'): QueryRunner;
}

const instrumented = new WeakMap<DataSource, ServerInstrumentation>();

/**
 * Puts a DataSource on a server under capture: its query runners send the context with each batch that writes, and the
 * triggers are looked at when it is initialised. Called again, it returns what is there; options are added.
 * @throws InvalidOptionError where options are wrong, or come too late
 */
export function instrumentServer(
  dataSource: DataSource,
  dialect: ServerDialect,
  options: AuditTrailOptions = {},
): ServerInstrumentation {
  const existing = instrumented.get(dataSource);
  if (existing) return withOptions(existing, options);
  const driver = dataSource.driver as unknown as DriverSeam;
  const instrumentation: ServerInstrumentation = {
    dialect,
    givenOptions: options,
    options: resolveOptions(options, dialect.capabilities),
    capture: undefined,
    onDisconnect: undefined,
    retries: 0,
  };
  instrumented.set(dataSource, instrumentation);
  markTreeStatements();

  const start = new ServerStart(dataSource, instrumentation, driver.createQueryRunner.bind(driver, 'master'));
  starts.set(instrumentation, start);
  const afterConnect = driver.afterConnect.bind(driver);
  const disconnect = driver.disconnect.bind(driver);
  const base = start.plainRunner().constructor as Parameters<typeof contextRunnerClass>[0];
  const Runner = contextRunnerClass(base, start.services);
  driver.createQueryRunner = (mode) => new Runner(driver, mode);
  driver.afterConnect = async () => {
    await afterConnect();
    await startServerCapture(instrumentation);
  };
  driver.disconnect = () =>
    disconnecting(dataSource, instrumentation.onDisconnect, async () => {
      instrumentation.capture = undefined;
      start.stop();
      await disconnect();
    });
  return instrumentation;
}

/** Undefined for a DataSource that is not on a server under capture. */
export function serverInstrumentationOf(dataSource: DataSource): ServerInstrumentation | undefined {
  return instrumented.get(dataSource);
}

const starts = new WeakMap<ServerInstrumentation, ServerStart>();

/** Makes sure that audit tables and triggers are there, once. Part of `initialize()`. */
export async function startServerCapture(instrumentation: ServerInstrumentation): Promise<ServerCapture> {
  instrumentation.capture ??= await starts.get(instrumentation)!.run();
  return instrumentation.capture;
}

function withOptions(instrumentation: ServerInstrumentation, options: AuditTrailOptions): ServerInstrumentation {
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
