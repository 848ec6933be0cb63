import type { AuditTrail } from '../../audit-trail';
import type { AccessKey } from '../access-keys';
import type { Database } from '../database';
import { alignLines, count, type Line, printJson, printText } from '../output';
import { isLoopback } from './loopback';
import { routesOf } from './server';

export interface Start {
  trail: AuditTrail;
  database: Database;
  /** Where this machine finds it, as a URL. */
  address: string;
  host: string;
  prefix: string;
  keys: readonly AccessKey[];
  readOnly: boolean;
  pendingCount: number;
}

/** Prints what the start did and where to look. No key is in it. */
export function printStart(start: Start, json: boolean): void {
  if (json) printJson(toJson(start), { compact: true });
  else printText(toText(start));
}

function toJson({ trail, database, address, host, prefix, keys, readOnly, pendingCount }: Start): object {
  const { databaseType, driver, pool, migrationsRun, warnings } = trail.describe();
  return {
    url: `${address}${prefix}`,
    host,
    routes: routesOf({ prefix, readOnly }),
    read_only: readOnly,
    database: database.name,
    database_type: databaseType,
    driver,
    pool,
    migrations_run: migrationsRun,
    pending_count: pendingCount,
    keys: keys.map(({ name, mayFlush }) => ({ name, may_flush: mayFlush && !readOnly })),
    warnings,
  };
}

function toText(start: Start): string {
  const { trail, database, address, host, prefix, keys, readOnly } = start;
  const { driver, journalMode, pool, migrationsRun, warnings } = trail.describe();
  const routes = routesOf({ prefix: '', readOnly }).map((route) => route.replace('GET ', ''));
  return alignLines([
    [
      'database',
      `${database.name}, ${driver}${journalMode === null ? '' : `, journal mode ${journalMode.toUpperCase()}`}`,
    ],
    ...(pool ? [['connections', `${pool.least} kept, ${pool.most} at most`] as const] : []),
    ['migrations', migrationsRun.length > 0 ? migrationsRun.join(', ') : readOnly ? 'not run here' : 'none due'],
    ['mode', describeMode(start)],
    [
      'access',
      keys.length > 0 ? keys.map((key) => describeKey(key, readOnly)).join(', ') : 'this machine only, without a key',
    ],
    ['routes', routes.join(', ')],
    ...warnings.map((warning): Line => ['warning', warning]),
    ['listening', `${address}${prefix}/dashboard${isLoopback(host) ? '' : `, for others on ${host}`}`],
  ]);
}

function describeMode({ readOnly, pendingCount }: Start): string {
  if (!readOnly) return `reads and flushes; ${count(pendingCount, 'change waits', 'changes wait')} in the outbox`;
  return `reads only; ${count(pendingCount, 'change waits', 'changes wait')} in the outbox for whoever drains it`;
}

function describeKey({ name, mayFlush }: AccessKey, readOnly: boolean): string {
  return `${name} (${mayFlush && !readOnly ? 'reads and flushes' : 'reads'})`;
}
