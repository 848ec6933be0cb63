import type { DataSource } from 'typeorm';
import { instrument, type Instrumentation } from './capture/instrument';
import { instrumentServer } from './capture/instrument-server';
import type { ServerInstrumentation } from './capture/server-start';
import { serverDialectOf } from './dialect/select';
import type { AuditTrailOptions } from './options';

/** Puts a DataSource under capture, in the way of its database. @throws UnsupportedDatabaseError, InvalidOptionError */
export function underCapture(
  dataSource: DataSource,
  options?: AuditTrailOptions,
): { connection: Instrumentation } | { server: ServerInstrumentation } {
  const server = serverDialectOf(dataSource);
  if (server) return { server: instrumentServer(dataSource, server, options) };
  return { connection: instrument(dataSource, options) };
}
