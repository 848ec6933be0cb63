import type { Command } from 'commander';
import { type DatabaseOptions, databaseCommand, helpText, type JsonOption } from '../command';
import { findDatabase, isThere, refuseInMemory, withTrail } from '../database';
import { count, printJson, printText } from '../output';

/** `audit-trail migrate`: creates the audit tables, or brings them up to date. */
export function migrateCommand(): Command {
  return databaseCommand('migrate', 'print what was done as JSON')
    .summary('create the audit tables, or bring them up to date')
    .description(
      'Creates the audit tables, or brings them up to date, with migrations of their own; those of the ' +
        'application are left alone. A database file that is not there is created. A second run does nothing.',
    )
    .addHelpText(
      'after',
      helpText([
        'audit-trail migrate --url sqlite:./data/app.sqlite',
        'audit-trail migrate --data-source ./dist/data-source.js',
        'DATABASE_URL=sqlite:./data/app.sqlite audit-trail migrate --json',
      ]),
    )
    .action(migrate);
}

async function migrate(options: DatabaseOptions & JsonOption): Promise<void> {
  const database = await findDatabase(options);
  refuseInMemory(database);
  const isNew = !isThere(database.file);
  await withTrail(database, { migrate: true }, async (trail) => {
    const { databaseType, logId, migrationsRun, warnings } = trail.describe();
    if (options.json) {
      printJson({
        database: database.name,
        database_type: databaseType,
        created: isNew,
        migrations_run: migrationsRun,
        log_id: logId,
        warnings,
      });
      return;
    }
    if (isNew) printText(`Created the database ${database.name}.`);
    printText(
      migrationsRun.length > 0
        ? `Ran ${count(migrationsRun.length, 'migration')} on ${database.name}: ${migrationsRun.join(', ')}.`
        : `Nothing was pending: the audit tables of ${database.name} are up to date.`,
    );
    for (const warning of warnings) printText(`Warning: ${warning}`);
  });
}
