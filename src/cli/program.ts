import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Command } from 'commander';
import { newCommand } from './command';
import { baselineCommand } from './commands/baseline';
import { checkDatabaseCommand } from './commands/check';
import { doctorCommand } from './commands/doctor';
import { flushCommand } from './commands/flush';
import { migrateCommand } from './commands/migrate';
import { serveCommand } from './commands/serve';
import { statsCommand } from './commands/stats';
import { switchCommand } from './commands/switch';

/** `audit-trail` with all its commands; parsing throws where commander would end the process. */
export function createProgram(): Command {
  return newCommand('audit-trail')
    .usage('<command> [options]')
    .description('Serves, migrates, measures, flushes, completes, checks and moves the audit trail of a database.')
    .version(readVersion(), '-V, --version', 'show the version')
    .helpCommand('help [command]', 'show the help of a command')
    .addCommand(serveCommand())
    .addCommand(checkDatabaseCommand())
    .addCommand(migrateCommand())
    .addCommand(statsCommand())
    .addCommand(flushCommand())
    .addCommand(baselineCommand())
    .addCommand(doctorCommand())
    .addCommand(switchCommand())
    .addHelpText(
      'after',
      `
Examples:
  $ audit-trail check sqlite:./data/app.sqlite
  $ audit-trail migrate --url sqlite:./data/app.sqlite
  $ audit-trail serve --data-source ./dist/data-source.js
  $ audit-trail help serve

Every command takes --url, --data-source or DATABASE_URL, and --json; switch takes --from and --to.
Exit codes: 0 done, 1 failed, 2 wrong usage.`,
    );
}

function readVersion(): string {
  const file = createRequire(__filename).resolve('typeorm-audit-trail/package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
