import { Option, type Command } from 'commander';
import type { DataSource } from 'typeorm';
import type { AuditContext } from '../../index';
import { type SwitchOptions, type SwitchReport, switchDatabase } from '../../switch/switch-database';
import { failedCount, stepLines, withoutSecrets } from '../check-steps';
import { CliError, exitCodes } from '../cli-error';
import { helpText, type JsonOption, newCommand } from '../command';
import { loadDataSource } from '../load-data-source';
import { alignLines, count, type Line, printJson, printText } from '../output';
import { ProgressBar } from '../progress';

interface SwitchCommandOptions extends JsonOption {
  from?: string;
  to?: string;
  dryRun?: true;
  verify?: true;
  dataSource?: string;
  tables?: 'all';
  synchronize?: true;
  actor?: string;
  reason?: string;
}

/** `audit-trail switch`: moves a log, and the application's tables, to another database, of whatever dialect. */
export function switchCommand(): Command {
  return newCommand('switch')
    .option('--from <url>', 'database URL of the source')
    .option('--to <url>', 'database URL of the target; a file that is not there is created')
    .addOption(new Option('--dry-run', 'only find out what stands in the way').conflicts('verify'))
    .option('--verify', 'only compare the two logs, entry by entry')
    .option(
      '--data-source <file>',
      'module that exports the DataSource: its tables are looked at for what the target refuses',
    )
    .addOption(
      new Option('--tables <which>', "move the application's tables too, which --data-source names")
        .choices(['all'])
        .conflicts('verify'),
    )
    .option('--synchronize', 'with --tables: make the tables of the entities where the target has none of them')
    .option('--actor <name>', 'who does it, for the entry that records it')
    .option('--reason <text>', 'why, for the entry that records it')
    .option('--json', 'print what was found and done as JSON')
    .summary("move the log, and the application's tables, to another database, of whatever dialect")
    .description(
      'Moves the audit log from SQLite to SQL Server, or back: finds out all that stands in the way, makes entries of ' +
        'what waits in the source, copies them, and compares both logs from the beginning to the end. With --tables all ' +
        "the rows of the application's tables go the same way. Stop the application first. Broken off at any point, the " +
        'same command goes on where it was. The source is left as it is.',
    )
    .addHelpText(
      'after',
      helpText(
        [
          "audit-trail switch --from sqlite:./data/app.sqlite --to 'mssql://app:…@db.example.com/app' --dry-run",
          'DATABASE_URL=sqlite:./data/app.sqlite audit-trail switch --to sqlite:./data/copy.sqlite',
          'audit-trail switch --tables all --data-source ./dist/data-source.js --from … --to …',
        ],
        {
          environment:
            '  TARGET_DATABASE_URL  the target, when --to is not given; DATABASE_URL is the source,\n' +
            '                     when --from is not',
          notes: 'It exits with 1 as well when something stands in the way, or the logs differ.',
        },
      ),
    )
    .action(run);
}

async function run(options: SwitchCommandOptions): Promise<void> {
  const from = urlOf(options.from, 'DATABASE_URL', '--from');
  const to = urlOf(options.to, 'TARGET_DATABASE_URL', '--to');
  const bar = new ProgressBar();
  const { actor, reason, dryRun = false, verify = false } = options;
  const context: AuditContext = { ...(actor !== undefined && { actor }), ...(reason !== undefined && { reason }) };
  if (options.tables && options.dataSource === undefined) {
    throw new CliError(
      'AUDIT_CLI_USAGE',
      '--tables needs the entities of the application.',
      'Name the module that exports its DataSource with --data-source.',
    );
  }
  const application = options.dataSource === undefined ? undefined : await loadDataSource(options.dataSource);
  const given: SwitchOptions = {
    application: application && entitiesOf(application),
    tables: options.tables,
    synchronize: options.synchronize ?? false,
    dryRun,
    verify,
    context,
    onProgress: ({ phase, of, done, total, rate }) => {
      const left = rate > 0 ? `, ${timeText((total - done) / rate)} left` : '';
      bar.update({ table: `${phase}, ${rate.toLocaleString('en-US')} ${of}/s${left}`, done, total });
    },
  };
  const report = withoutSecrets(await switchDatabase(from, to, given).finally(() => bar.clear()));
  const environment = report.ok && !dryRun && !verify ? [{ name: 'DATABASE_URL', value: report.target }] : [];
  if (options.json) printJson(present(report, environment));
  else printText(describe(report, options, environment));
  if (!report.ok) process.exitCode = exitCodes.failed;
}

function entitiesOf({ options }: DataSource): SwitchOptions['application'] {
  const { entities, namingStrategy, entityPrefix } = options;
  return {
    ...(entities && { entities }),
    ...(namingStrategy && { namingStrategy }),
    ...(entityPrefix !== undefined && { entityPrefix }),
  };
}

function urlOf(given: string | undefined, variable: string, option: string): string {
  const url = given ?? process.env[variable] ?? '';
  if (url !== '') return url;
  throw new CliError(
    'AUDIT_CLI_NO_DATABASE',
    `${option} is missing.`,
    `Give ${option} with a database URL, or set ${variable}.`,
  );
}

interface EnvironmentLine {
  name: string;
  value: string;
}

function present(report: SwitchReport, environment: EnvironmentLine[]) {
  const { ok, steps, drained, copied, rate, comparison, tables, rowRate, durationMs } = report;
  return {
    ok,
    checks: steps,
    drained,
    copied,
    entries_per_second: rate,
    comparison: comparison && {
      entries: comparison.entries,
      digest: comparison.digest,
      difference: comparison.difference,
      only_from: comparison.onlyFrom,
      only_to: comparison.onlyTo,
      blocks: comparison.blocks,
    },
    ...(tables.length > 0 && {
      tables: tables.map(({ leftOut, ...table }) => ({ ...table, left_out: leftOut })),
      rows_per_second: rowRate,
    }),
    environment,
    duration_ms: Math.round(durationMs),
  };
}

function describe(
  report: SwitchReport,
  { dryRun, verify }: SwitchCommandOptions,
  environment: EnvironmentLine[],
): string {
  const { ok, steps, drained, copied, rate, comparison, durationMs } = report;
  const lines = stepLines(steps);
  const failed = failedCount(steps);
  if (!verify && failed > 0) return `${alignLines(lines)}\nNothing was done: ${failed} to mend.`;
  if (dryRun) return `${alignLines(lines)}\nNothing stands in the way.`;
  if (drained > 0) lines.push(['drained', `${count(drained, 'entry', 'entries')} of what waited in the source`]);
  if (!verify) {
    const speed = rate === null ? '' : `, ${rate.toLocaleString('en-US')} a second`;
    lines.push(['copied', `${count(copied, 'entry', 'entries')}${speed}; ${timeText(durationMs / 1000)} in all`]);
  }
  const change = environment.map(({ name, value }) => `  ${name}=${value}`);
  if (!comparison) return `${alignLines(lines)}\nThere is nothing to compare.`;
  lines.push(...comparisonLines(comparison), ...tableLines(report));
  const same = report.tables.length > 0 ? 'Both logs and all tables are the same.' : 'Both logs are the same.';
  const verdict = ok ? same : 'The logs are not the same.';
  const next = change.length > 0 ? `\nChange in the environment of the application:\n${change.join('\n')}` : '';
  return `${alignLines(lines)}\n${verdict}${next}`;
}

function comparisonLines({
  entries,
  digest,
  blocks,
  difference,
  onlyFrom,
  onlyTo,
}: NonNullable<SwitchReport['comparison']>) {
  const lines: Line[] = [['compared', `${count(entries, 'entry', 'entries')} in ${count(blocks.length, 'block')}`]];
  lines.push(['digest', digest]);
  if (difference !== null) lines.push(['differs', difference]);
  if (onlyFrom > 0) lines.push(['missing', `${count(onlyFrom, 'entry', 'entries')} of the source in the target`]);
  if (onlyTo > 0) lines.push(['beyond', `${count(onlyTo, 'entry', 'entries')} of the target, made there since`]);
  return lines;
}

function tableLines({ tables, rowRate }: SwitchReport): Line[] {
  if (tables.length === 0) return [];
  const copied = tables.reduce((sum, table) => sum + table.copied, 0);
  const speed = rowRate === null ? '' : `, ${rowRate.toLocaleString('en-US')} a second`;
  const all: Line = ['tables', `${count(tables.length, 'table')}, ${count(copied, 'row')} copied${speed}`];
  return [all, ...tables.map(({ table, rows, to }): Line => ['', `${table}: ${count(rows, 'row')}, digest ${to}`])];
}

function timeText(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
