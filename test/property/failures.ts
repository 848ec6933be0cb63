import { QueryFailedError } from 'typeorm';
import { AuditError } from '../../src/index';

/** Ends a scope, because the program says so or because a step in it failed; has been dealt with where it was thrown. */
export class ScopeFailed extends Error {}

/** A short name that is the same with and without the library. */
export function codeOf(error: unknown): string {
  if (error instanceof AuditError) return error.code;
  if (error instanceof QueryFailedError) {
    const { code } = error.driverError as { code?: unknown };
    // That one says nothing by itself.
    // The driver takes no number that is none of its column's.
    if (code === 'EPARAM') return 'CONSTRAINT EPARAM';
    if (code === 'EREQUEST') return serverCode(error.driverError as { number?: number; message?: string });
    return typeof code === 'string' && code !== 'SQLITE_ERROR' ? code : String(error.message);
  }
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Of SQL Server: duplicate keys (2601, 2627), references and checks (547), NULL (515), texts that are too long (2628, 8152). */
const constraints = [515, 547, 2601, 2627, 2628, 8152];
/** What one server that executes T-SQL says where SQL Server has no objection: it keeps no NUL in texts, and loses sight of a table in a cascade. */
const othersAlone = /invalid byte sequence|code point 0 not supported|(?:relation|schema) "\S+" does not exist/i;

function serverCode({ number = 0, message = '' }: { number?: number; message?: string }): string {
  if (constraints.includes(number)) return `CONSTRAINT ${number}`;
  return othersAlone.test(message) ? 'CONSTRAINT of this server' : `${number}: ${message}`;
}

/** What about a step explains an error of it. */
export interface Circumstances {
  isLost: boolean;
  isFloating: boolean;
  /** It came through another manager than that of the hand-started transaction that its flow holds. */
  isStranger: boolean;
}

/** True where the error is the program's own doing. Anything else, time-outs of locks above all, is a bug. */
export function isExplained(code: string, { isLost, isFloating, isStranger }: Circumstances): boolean {
  if (/^(?:SQLITE_)?CONSTRAINT/.test(code)) return true;
  // TypeORM writes the number into its SQL, with the library or without.
  if (code.endsWith('no such column: Infinity')) return true;
  if (code === 'AUDIT_TRANSACTION_LOST') return isLost || isFloating;
  if (code === 'AUDIT_TRANSACTION_HELD') return isStranger;
  return isFloating && /^QueryRunner(Provider)?AlreadyReleasedError/.test(code);
}
