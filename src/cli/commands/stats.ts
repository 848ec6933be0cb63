import type { Command } from 'commander';
import { presentStats } from '../../http/presenter';
import type { AuditStats } from '../../reports';
import { type DatabaseOptions, databaseCommand, helpText, type JsonOption } from '../command';
import { findDatabase, refuseInMemory, refuseMissing, withTrail } from '../database';
import { alignLines, count, type Line, printJson, printText } from '../output';

/** `audit-trail stats`: how the trail of a database is doing. Changes nothing, and drains nothing. */
export function statsCommand(): Command {
  return databaseCommand('stats', 'print the figures as GET /stats has them')
    .summary('show how much is in the log and how much waits')
    .description(
      'Shows the figures of an audit trail: entries in the log, and changes that wait in the outbox. ' +
        'Nothing is drained or migrated.',
    )
    .addHelpText(
      'after',
      helpText(
        [
          'audit-trail stats --url sqlite:./data/app.sqlite',
          'audit-trail stats --data-source ./dist/data-source.js',
          'audit-trail stats --json | jq .data.pending_count',
        ],
        {
          notes:
            'With --json, flushed_total, flush_failures, last_flush, pool, policy_warnings and\n' +
            'uptime_seconds are those of this command, not of the application: ask that over HTTP.',
        },
      ),
    )
    .action(showStats);
}

async function showStats(options: DatabaseOptions & JsonOption): Promise<void> {
  const database = await findDatabase(options);
  refuseInMemory(database);
  refuseMissing(database);
  await withTrail(database, { migrate: false }, async (trail) => {
    const stats = await trail.stats();
    if (options.json) printJson(presentStats(stats));
    else
      printText(
        alignLines(describe(stats, database.name, trail.describe().driver, database.application !== undefined)),
      );
  });
}

function describe(stats: AuditStats, name: string, driver: string, knowsEntities: boolean): Line[] {
  const operations = Object.entries(stats.entriesByOperation).sort(([, a], [, b]) => b - a);
  return [
    ['database', `${name}, ${driver}`],
    ['strategy', `${stats.databaseType}, ${stats.deferredMode ? 'by way of an outbox' : 'written at once'}`],
    ...describeAuditDatabase(stats),
    ['waiting', describePending(stats)],
    ...(stats.quarantinedCount > 0
      ? [['unreadable', `${count(stats.quarantinedCount, 'row')} in audit_quarantine, see audit-trail doctor`] as const]
      : []),
    ['in the log', count(stats.totalEntries, 'entry', 'entries')],
    ...operations.map(([operation, entries]): Line => [`  ${operation}`, entries.toLocaleString('en-US')]),
    ['audited', describeTables(stats, knowsEntities)],
    ...stats.capture.notCaptured.map(({ table, reason }): Line => ['not audited', `${table}: ${reason}`]),
  ];
}

function describeAuditDatabase({ auditDatabase }: AuditStats): Line[] {
  if (!auditDatabase) return [];
  const { databaseType, reachable } = auditDatabase;
  return [
    ['delivered to', reachable ? databaseType! : 'an audit database that is not reached; its totals are not known'],
  ];
}

function describePending({ pendingCount, oldestPendingAgeMs, backlog }: AuditStats): string {
  if (oldestPendingAgeMs === null) return 'nothing';
  const excess = backlog.exceeded ? `, more than the backlog limit of ${backlog.limit.toLocaleString('en-US')}` : '';
  return `${count(pendingCount, 'change')}, the oldest for ${(oldestPendingAgeMs / 1000).toFixed(1)} s${excess}`;
}

/** Entities are code: a database alone does not know them. */
function describeTables({ capture }: AuditStats, knowsEntities: boolean): string {
  if (!knowsEntities) return 'known with --data-source only';
  return capture.tables.length > 0 ? capture.tables.join(', ') : 'nothing';
}
