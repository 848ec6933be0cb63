import { CommanderError } from 'commander';
import { AuditError, InvalidContextError, InvalidDatabaseUrlError, UnknownEntityError } from '../errors';
import { CliError, codeOf, type ExitCode, exitCodes, messageOf } from './cli-error';

/** An error as a command reports it. */
export interface Failure {
  code: string;
  message: string;
  remedy: string;
  exitCode: ExitCode;
}

/** What the library refuses of the arguments of a command: its URL, names of entities, actor and reason. */
const faultyArguments = [InvalidDatabaseUrlError, UnknownEntityError, InvalidContextError];

/** Puts anything thrown into one line that says what is wrong and one that says what to do. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof CommanderError) return describeUsage(error);
  if (error instanceof CliError) return { ...described(error), exitCode: error.exitCode };
  if (error instanceof AuditError) {
    const isUsage = faultyArguments.some((Fault) => error instanceof Fault);
    return { ...described(error), exitCode: isUsage ? exitCodes.usage : exitCodes.failed };
  }
  // A driver's code (SQLITE_NOTADB, ELOGIN, EACCES) says more than ours would.
  const code = codeOf(error);
  return {
    code: code !== undefined && /^[A-Z][A-Z0-9_]*$/.test(code) ? code : 'AUDIT_CLI_FAILED',
    message: oneLine(messageOf(error)),
    remedy: 'Check that this is the right database and that this user may open it; DEBUG=audit-trail shows more.',
    exitCode: exitCodes.failed,
  };
}

function described({ code, message, remedy }: CliError | AuditError): Omit<Failure, 'exitCode'> {
  return { code, message: oneLine(message), remedy };
}

/** commander writes "error: …" and, on a line of its own, which name it takes to have been meant. */
function describeUsage(error: CommanderError): Failure {
  const [problem = '', hint] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = hint?.replace(/^\(|\)$/g, '');
  return {
    code: 'AUDIT_CLI_USAGE',
    message: `${problem.replace(/\.$/, '')}.`,
    remedy: `${suggestion === undefined ? '' : `${suggestion} `}See audit-trail --help, or audit-trail help <command>.`,
    exitCode: exitCodes.usage,
  };
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
