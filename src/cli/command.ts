import { Command, Option } from 'commander';

/** Options that say where the database is. */
export interface DatabaseOptions {
  url?: string;
  dataSource?: string;
}

export interface JsonOption {
  json?: true;
}

const environmentHelp = `
Environment:
  DATABASE_URL       the database, when neither --url nor --data-source is given;
                     the place for a URL with a password, which everybody on the
                     machine could read on a command line
  DEBUG=audit-trail  prints the stack of an error as well`;

/** A command that throws where commander would end the process. */
export function newCommand(name: string): Command {
  return new Command(name)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .helpOption('-h, --help', 'show this help');
}

/** A command on a database, with the options all of them share. */
export function databaseCommand(name: string, jsonHelp: string): Command {
  return newCommand(name)
    .addOption(new Option('--url <url>', 'database URL, such as sqlite:./data/app.sqlite').conflicts('dataSource'))
    .option('--data-source <file>', 'JavaScript module that exports a TypeORM DataSource')
    .option('--json', jsonHelp);
}

/** What stands below the options in the help of a command. */
export function helpText(examples: readonly string[], { environment = '', notes = '' } = {}): string {
  const parts = [
    `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`,
    `${environmentHelp}${environment && `\n${environment}`}`,
    notes && `\n${notes}`,
    '\nExit codes: 0 done, 1 failed, 2 wrong usage.',
  ];
  return parts.filter((part) => part !== '').join('\n');
}
