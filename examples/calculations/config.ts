import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { envSchema } from 'env-schema';
import { Type, type Static } from '@fastify/type-provider-typebox';
import { ConfigError } from './config-error';
import { demoKeys, parseApiKeys, type ApiKey } from './http/api-keys';

export const defaultDatabaseUrl = 'sqlite:./data/calculations.sqlite';

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const environment = Type.Object({
  HOST: Type.String({ default: '127.0.0.1', minLength: 1 }),
  PORT: Type.Integer({ default: 3000, minimum: 0, maximum: 65_535 }),
  DATABASE_URL: Type.String({ default: defaultDatabaseUrl, minLength: 1 }),
  AUDIT_DATABASE_URL: Type.Optional(Type.String({ minLength: 1 })),
  DATA_WAREHOUSE_URL: Type.Optional(Type.String({ minLength: 1 })),
  API_KEYS: Type.String({ default: '' }),
  // Requests are logged at info, refusals among them: too much for a console that a person reads.
  LOG_LEVEL: Type.Enum([...logLevels], { default: 'warn' }),
});

export interface Config {
  host: string;
  /** 0: any free port. */
  port: number;
  databaseUrl: string;
  /** Where the audit trail is delivered to; undefined where it stays in the application's database. */
  auditDatabaseUrl: string | undefined;
  /** A second database, for results that are published; undefined: none can be. */
  warehouseUrl: string | undefined;
  /** The demo keys, unless there are others. */
  keys: readonly ApiKey[];
  demo: boolean;
  logLevel: (typeof logLevels)[number];
}

/**
 * Reads the environment; the README lists the variables.
 *
 * @throws ConfigError
 */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const { HOST, PORT, DATABASE_URL, AUDIT_DATABASE_URL, DATA_WAREHOUSE_URL, API_KEYS, LOG_LEVEL } =
    readEnvironment(env);
  const demo = API_KEYS.trim() === '';
  if (demo && !isLoopback(HOST)) {
    throw new ConfigError(
      `HOST=${HOST} would offer the demo keys, which everybody knows, to the network.`,
      'Set API_KEYS (name:key:role, separated by commas) to keys of your own, or leave HOST at 127.0.0.1.',
    );
  }
  return {
    host: HOST,
    port: PORT,
    databaseUrl: DATABASE_URL,
    auditDatabaseUrl: AUDIT_DATABASE_URL,
    warehouseUrl: DATA_WAREHOUSE_URL,
    keys: demo ? demoKeys : parseApiKeys(API_KEYS),
    demo,
    logLevel: LOG_LEVEL,
  };
}

function readEnvironment(env: NodeJS.ProcessEnv): Static<typeof environment> {
  try {
    return envSchema<Static<typeof environment>>({ schema: environment, data: env, env: false });
  } catch (error) {
    const problem = (error instanceof Error ? error.message : String(error)).replaceAll('env/', '');
    throw new ConfigError(
      `The environment is not right: ${problem}.`,
      'Correct the variable, or unset it for its default.',
    );
  }
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

function isLoopback(host: string): boolean {
  if (isIPv4(host)) return loopback.check(host, 'ipv4');
  if (isIPv6(host)) return loopback.check(host, 'ipv6');
  return host === 'localhost';
}
