import type { Command } from 'commander';
import type { Difference, DifferenceKind, DoctorReport } from '../../reports';
import { checkCommand, type CheckCommandOptions, skippedLines, withCheck } from '../check-command';
import { exitCodes } from '../cli-error';
import { helpText } from '../command';
import { alignLines, count, type Line, printJson, printText } from '../output';

interface DoctorCommandOptions extends CheckCommandOptions {
  accept?: boolean;
}

/** `audit-trail doctor`: which rows were changed behind the application's back. */
export function doctorCommand(): Command {
  return checkCommand('doctor', 'print the differences as JSON')
    .summary('find rows that were changed behind the application')
    .description(
      'Compares every row of the audited tables with the last image in the trail, and lists the rows that somebody ' +
        'changed, added or removed without the trail seeing it: another program, a shell. It is safe beside a running ' +
        'application.',
    )
    .option('--accept', 'record what differs as reconcile entries')
    .addHelpText(
      'after',
      helpText(
        [
          'audit-trail doctor --data-source ./dist/data-source.js',
          'audit-trail doctor --url sqlite:./data/app.sqlite --json',
          "audit-trail doctor --url sqlite:./data/app.sqlite --accept --actor anna --reason 'import of May'",
        ],
        { notes: 'It exits with 1 as well when rows differ and --accept is not given.' },
      ),
    )
    .action(doctor);
}

async function doctor({ accept = false, ...options }: DoctorCommandOptions): Promise<void> {
  const report = await withCheck(options, 'audit-trail doctor', (trail, check) => trail.doctor({ ...check, accept }));
  if (options.json) printJson(present(report));
  else printText(describe(report, accept));
  if (total(report) > report.accepted) process.exitCode = exitCodes.failed;
}

function total({ counts }: DoctorReport): number {
  return Object.values(counts).reduce((sum, number) => sum + number, 0);
}

function present(report: DoctorReport) {
  return {
    rows: report.rows,
    counts: report.counts,
    accepted: report.accepted,
    differences: report.differences.map(({ kind, table, entity, entityId, fields }) => ({
      kind,
      table,
      entity,
      entity_id: entityId,
      fields,
    })),
    tables: report.tables,
    not_compared: report.notCompared,
    quarantined: report.quarantined.map(({ outboxId, reason, at }) => ({ outbox_id: outboxId, reason, at })),
    skipped: report.skipped,
    duration_ms: report.durationMs,
  };
}

const meanings: Record<DifferenceKind, string> = {
  changed: 'changed',
  added: 'added',
  missing: 'missing from the table',
  unknown: 'unknown to the trail',
};

function describe(report: DoctorReport, accept: boolean): string {
  const { rows, tables, counts, differences, notCompared, quarantined, skipped, durationMs } = report;
  const found = total(report);
  const kinds = (Object.keys(meanings) as DifferenceKind[]).filter((kind) => counts[kind] > 0);
  const lines: Line[] = [
    ['compared', `${count(rows, 'row')} of ${count(tables.length, 'table')} in ${(durationMs / 1000).toFixed(1)} s`],
    [
      'different',
      found === 0
        ? 'none'
        : kinds.map((kind) => `${counts[kind].toLocaleString('en-US')} ${meanings[kind]}`).join(', '),
    ],
    ...differences.map((difference): Line => [`  ${difference.kind}`, describeRow(difference)]),
    ...(found > differences.length
      ? [['', `and ${(found - differences.length).toLocaleString('en-US')} more`] as const]
      : []),
    ...notCompared.map(({ table, column, reason }): Line => ['not compared', `${table}.${column}: ${reason}`]),
    ...quarantined.map(({ outboxId, reason }): Line => ['unreadable', `outbox row ${outboxId}: ${reason}`]),
    ...skippedLines(skipped),
  ];
  return [alignLines(lines), ...remedies(report, accept)].join('\n');
}

function describeRow({ table, entity, entityId, fields }: Difference): string {
  const name = entity === table ? table : `${entity} (${table})`;
  return `${name} ${entityId}${fields.length > 0 ? `: ${fields.join(', ')}` : ''}`;
}

function remedies({ counts, accepted }: DoctorReport, accept: boolean): string[] {
  if (accept) return accepted > 0 ? [`Recorded ${count(accepted, 'reconcile entry', 'reconcile entries')}.`] : [];
  const isTampered = counts.changed + counts.added + counts.missing > 0;
  return [
    ...(counts.unknown > 0
      ? ['Rows unknown to the trail are older than it, or were added behind it: audit-trail baseline records them.']
      : []),
    ...(isTampered ? ['Find out who changed them; audit-trail doctor --accept records them as they are now.'] : []),
  ];
}
