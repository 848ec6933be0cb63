#!/usr/bin/env node
import 'reflect-metadata';
import { CommanderError } from 'commander';
import { CliError, exitCodes } from './cli-error';
import { describeFailure } from './failure';
import { printFailure } from './output';
import { createProgram } from './program';

async function main(): Promise<number> {
  // Standard output belongs to the answer: what a module of the application, or TypeORM, logs goes beside it.
  console.log = console.info = console.debug = console.error;
  try {
    await createProgram().parseAsync();
    // A command may have done its work and found what should not be.
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (error) {
    return fail(error);
  }
}

function fail(error: unknown): number {
  // --help and --version come as errors too, and have printed what was asked for; a bare `audit-trail` prints its help.
  if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok;
  if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.usage;
  const failure = describeFailure(error);
  printFailure(failure, error, process.argv.includes('--json'));
  return failure.exitCode;
}

/** Modules of the application may keep the process alive, and a pipe may still be taking what was written. */
function exit(code: number): void {
  process.stdout.write('', () => process.exit(code));
}

process.on('uncaughtException', (error) => exit(fail(error)));
// A reader such as `head` that has seen enough is no error.
process.stdout.on('error', () => process.exit(exitCodes.ok));
// Nothing is left to wait for, and still no answer: a module whose promise never settles.
process.once('beforeExit', () =>
  exit(
    fail(
      new CliError(
        'AUDIT_CLI_FAILED',
        'Nothing is left to do, and the command is not done.',
        'Look at the module of --data-source: something that it waits for never comes.',
      ),
    ),
  ),
);
void main().then(exit);
