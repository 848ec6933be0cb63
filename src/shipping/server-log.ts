import type { DataSource } from 'typeorm';
import { RollUps } from '../batching/roll-ups';
import { startServerCapture } from '../capture/instrument-server';
import type { ServerInstrumentation } from '../capture/server-start';
import { AuditSchemaMissingError } from '../errors';
import { askServer } from '../readers/ask-server';
import { TrailQueries } from '../readers/trail-queries';
import { ServerImport } from '../store/server-import';
import { type LogOptions, noTables, type OpenLog } from './open-log';

/**
 * The log of a database on a server, to which others may deliver as well.
 * @param dataSource initialised, without entities
 * @throws AuditSchemaMissingError
 */
export async function serverLog(
  dataSource: DataSource,
  instrumentation: ServerInstrumentation,
  { names, warn }: LogOptions,
): Promise<OpenLog> {
  const { session, logId, inTransaction } = await startServerCapture(instrumentation);
  if (logId === '') throw new AuditSchemaMissingError(noTables);
  const { dialect, options } = instrumentation;
  const queries = new TrailQueries(session, names, true);
  const log = new ServerImport(session);
  let isTold = false;
  const rollUps = new RollUps(session, options.commitIntervalMs, (error) => {
    // What is not counted is counted by who reads: once will do, and of an outage the deliveries tell.
    if (!isTold) warn(`the roll-ups of the audit database failed and will be tried again: ${String(error)}`);
    isTold = true;
  });
  rollUps.start();
  return {
    databaseType: dialect.databaseType,
    logId,
    deliver: (entries) =>
      inTransaction(async (queryRunner) => {
        const logs = new Set(entries.map((entry) => entry.logId));
        for (const id of [...logs].sort()) await session.within(queryRunner).query(session.deliverySql.lockLog, [id]);
        await log.write(queryRunner, entries, 'append');
      }),
    ask: (name, argument) => askServer(queries, session, name, argument),
    close: async () => {
      await rollUps.stop();
      await dataSource.destroy();
    },
  };
}
