import type { DataSource } from 'typeorm';
import { type Instrumentation, startCapture } from '../capture/instrument';
import { TrailReader } from '../readers/trail-reader';
import { AuditSchemaMissingError } from '../errors';
import { EntryImport } from '../store/entry-import';
import { EntryWriter } from '../store/entry-writer';
import { type LogOptions, noTables, type OpenLog } from './open-log';

/**
 * The log of a database with one connection that writes.
 * @param dataSource initialised, without entities
 * @throws AuditSchemaMissingError
 */
export async function fileLog(
  dataSource: DataSource,
  instrumentation: Instrumentation,
  { names, warn }: LogOptions,
): Promise<OpenLog> {
  const capture = await startCapture(dataSource, instrumentation);
  const { dialect, options } = instrumentation;
  if (!capture.meta.areTablesThere(capture.engine)) throw new AuditSchemaMissingError(noTables);
  const reader = new TrailReader(dataSource, instrumentation, () => capture, warn, names);
  const entries = new EntryImport(dialect.storeSql, new EntryWriter(dialect.storeSql, options.batchSize));
  return {
    databaseType: dialect.databaseType,
    logId: capture.meta.logId(capture.engine),
    deliver: async (block) => {
      await capture.connection.exclusive('a delivery', 'write', (engine) => entries.write(engine, block, 'append'));
    },
    ask: (name, argument) => reader.ask(name, argument),
    close: async () => {
      await reader.close();
      await dataSource.destroy();
    },
  };
}
