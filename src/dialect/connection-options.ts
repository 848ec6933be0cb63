import type { DataSourceOptions } from 'typeorm';
import { InvalidOptionError } from '../errors';

/**
 * How `createDataSource` connects to a server; all optional. A database file has no use for them.
 */
export interface ConnectionOptions {
  /** Connections that are kept, 0 to 1,000. Default 10. */
  minConnections?: number;
  /** Connections that there may be, 1 to 1,000. Default 30. */
  maxConnections?: number;
  /** Longest wait for a connection of the pool, milliseconds, 1 to 600,000. Default 30,000. */
  acquireTimeoutMs?: number;
  /** Longest time until a connection is made, milliseconds, 1 to 600,000. Default 10,000. */
  connectTimeoutMs?: number;
  /** Longest time of a statement, milliseconds, 0 to 3,600,000. Default 30,000; 0: none. */
  statementTimeoutMs?: number;
  /** Age at which a connection is replaced, milliseconds, 1,000 to 86,400,000. Default 3,600,000. */
  connectionLifetimeMs?: number;
  /**
   * How to log in where user and password of the URL are not the way: Azure Active Directory, or Windows (`ntlm`), as the
   * driver has it.
   */
  authentication?: Extract<DataSourceOptions, { type: 'mssql' }>['authentication'];
}

const ranges = {
  minConnections: [0, 1000],
  maxConnections: [1, 1000],
  acquireTimeoutMs: [1, 600_000],
  connectTimeoutMs: [1, 600_000],
  statementTimeoutMs: [0, 3_600_000],
  connectionLifetimeMs: [1000, 86_400_000],
} as const;

const defaults = {
  minConnections: 10,
  maxConnections: 30,
  acquireTimeoutMs: 30_000,
  connectTimeoutMs: 10_000,
  statementTimeoutMs: 30_000,
  connectionLifetimeMs: 3_600_000,
};

export type ResolvedConnection = typeof defaults & Pick<ConnectionOptions, 'authentication'>;

/**
 * Checks the options and fills in the defaults.
 * @throws InvalidOptionError for an unknown option, or a value out of range
 */
export function resolveConnection(options: ConnectionOptions): ResolvedConnection {
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    if (name === 'authentication' || value === undefined) continue;
    const range = ranges[name as keyof typeof ranges] as readonly [number, number] | undefined;
    if (!range) throw new InvalidOptionError(`There is no option "${name}" of a connection.`, { value: name });
    const [least, most] = range;
    if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
      throw new InvalidOptionError(`${name} must be a whole number from ${least} to ${most}.`, { value });
    }
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const resolved = { ...defaults, ...given };
  // Who allows fewer than are kept by default keeps no more than that.
  if (options.minConnections === undefined) {
    resolved.minConnections = Math.min(resolved.minConnections, resolved.maxConnections);
  }
  if (resolved.minConnections > resolved.maxConnections) {
    throw new InvalidOptionError('minConnections must not be above maxConnections.', {
      value: resolved.minConnections,
    });
  }
  return resolved;
}
