import { AuditError } from 'typeorm-audit-trail';
import type { Config } from './config';
import { ConfigError } from './config-error';

/** Says why the start failed and what to do about it, in words: a stack trace is of no use to an operator. */
export function explainFailure(error: unknown, config: Config | undefined): string {
  if (error instanceof ConfigError || error instanceof AuditError) return `${error.message}\n${error.remedy}`;
  const message = error instanceof Error ? error.message : String(error);
  const where = config ? `${config.host}:${config.port}` : 'the address';
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return `${where} is in use by another program.\nStop that program, or set PORT to another port (0 takes any free one).`;
    case 'EACCES':
      return `${message}\nSet PORT to a port above 1023, and DATABASE_URL to a place this user may write to.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${where} is no address of this machine.\nSet HOST to one that is; 127.0.0.1 always works.`;
    default:
      return `The start failed: ${message}\nIf it is the database, check DATABASE_URL.`;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
