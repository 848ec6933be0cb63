import { UnsupportedDatabaseError } from '../../errors';
import type { Dialect, PreparedConnection } from '../dialect';
import type { Engine } from '../engine';
import { betterSqlite3 } from './better-sqlite3/driver';
import { busyTimeoutMs } from './busy-timeout';
import { sqliteCaptureSql } from './capture-sql';
import { sqliteCheckSql } from './check-sql';
import { auditTableDestroyedBy } from './classify';
import { columnKind } from './column-kind';
import { claimFile } from './file-claims';
import type { FileDriver } from './file-driver';
import { sqliteRevertSql } from './revert-sql';
import { sqlite3 } from './sqlite3/driver';
import { sqliteStoreSql } from './store-sql';
import { sqliteTableSql } from './table-sql';

function dialectOver({ packageName, ...driver }: FileDriver): Dialect {
  return {
    databaseType: 'sqlite_optimized',
    capabilities: { deferred: true, batchSize: 50, commitIntervalMs: 5000, idleTransactionTimeoutMs: 15_000 },
    captureSql: sqliteCaptureSql,
    storeSql: sqliteStoreSql,
    checkSql: sqliteCheckSql,
    revertSql: sqliteRevertSql,
    tableSql: sqliteTableSql,
    ...driver,
    claim: ({ options }) => claimFile(String(options.database), packageName),
    prepare,
    describe: (engine) => `${packageName} (SQLite ${String(engine.scalar('SELECT sqlite_version()'))})`,
    columnKind,
    auditTableDestroyedBy,
  };
}

export const sqliteDialect = dialectOver(betterSqlite3);
export const sqlite3Dialect = dialectOver(sqlite3);

function prepare(engine: Engine): PreparedConnection {
  const warnings: string[] = [];
  engine.pragma(`busy_timeout = ${busyTimeoutMs}`);
  requireVersion(engine);
  engine.pragma('foreign_keys = ON');
  if (engine.pragma('foreign_keys') !== 1)
    warnings.push('Foreign keys could not be switched on: cascades will not happen.');
  // Changing it would drop temporary tables, so only while there are none.
  if (engine.scalar('SELECT count(*) FROM sqlite_temp_master') === 0) engine.pragma('temp_store = MEMORY');
  const journalMode = String(engine.isInMemory ? engine.pragma('journal_mode') : engine.pragma('journal_mode = WAL'));
  if (!engine.isInMemory && journalMode !== 'wal') {
    warnings.push(
      `Write-ahead logging could not be switched on (journal mode is "${journalMode}"), as on network file systems: ` +
        'readers and writers will block each other. Put the file on a local disk.',
    );
  }
  return { journalMode, warnings };
}

/** Older versions refuse what the triggers are made of. */
function requireVersion(engine: Engine): void {
  const version = String(engine.scalar('SELECT sqlite_version()'));
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 3 || (major === 3 && minor >= 44)) return;
  throw new UnsupportedDatabaseError(`SQLite ${version} is too old: 3.44 is the least.`, { value: version });
}
