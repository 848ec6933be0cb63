import type { Command } from 'commander';
import type { DatabaseCheck } from '../../index';
import { failedCount, stepLines, withoutSecrets } from '../check-steps';
import { CliError, exitCodes } from '../cli-error';
import { type DatabaseOptions, databaseCommand, helpText, type JsonOption } from '../command';
import { findDatabase } from '../database';
import { alignLines, type Line, printJson, printText } from '../output';

/** `audit-trail check`: whether a trail could work on a database, before anything is done to it. */
export function checkDatabaseCommand(): Command {
  return databaseCommand('check', 'print what was found as JSON')
    .argument('[url]', 'database URL, in place of --url')
    .summary('find out whether a trail could work on a database')
    .description(
      'Looks at a database before anything is done to it, and says of each thing that is wrong what to do about it. ' +
        'Of a file: whether it is there, a database, writable, on a disk that takes write-ahead logging, and the version. ' +
        'Of a server: whether it answers, TLS, login, database, version, and the rights to create tables and triggers. ' +
        'Nothing is changed or left behind.',
    )
    .addHelpText(
      'after',
      helpText(
        [
          'audit-trail check sqlite:./data/app.sqlite',
          'audit-trail check --data-source ./dist/data-source.js',
          "DATABASE_URL='mssql://app:…@db.example.com/app' audit-trail check --json",
        ],
        { notes: 'It exits with 1 as well when something is wrong; warnings alone do not count.' },
      ),
    )
    .action(check);
}

async function check(url: string | undefined, options: DatabaseOptions & JsonOption): Promise<void> {
  if (url !== undefined && (options.url ?? options.dataSource) !== undefined) {
    throw new CliError('AUDIT_CLI_USAGE', 'Two databases are named.', 'Name one: a URL, --url or --data-source.');
  }
  const database = await findDatabase(url === undefined ? options : { ...options, url });
  const report = withoutSecrets(await database.check());
  if (options.json) printJson({ database: report.database, ok: report.ok, checks: report.steps });
  else printText(describe(report));
  if (!report.ok) process.exitCode = exitCodes.failed;
}

function describe({ database, ok, steps }: DatabaseCheck): string {
  const lines: Line[] = [['database', database], ...stepLines(steps)];
  const verdict = ok ? 'A trail can work here.' : `A trail cannot work here yet: ${failedCount(steps)} to mend.`;
  return `${alignLines(lines)}\n${verdict}`;
}
