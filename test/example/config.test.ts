import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../examples/calculations/config';
import { ConfigError } from '../../examples/calculations/config-error';

const key = 'k'.repeat(32);

function refusal(env: NodeJS.ProcessEnv): ConfigError {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('configuration', () => {
  it('has a default for everything', () => {
    expect(loadConfig({})).toEqual({
      host: '127.0.0.1',
      port: 3000,
      databaseUrl: 'sqlite:./data/calculations.sqlite',
      auditDatabaseUrl: undefined,
      warehouseUrl: undefined,
      keys: [
        { name: 'analyst', key: 'analyst-demo-key', role: 'analyst' },
        { name: 'reviewer', key: 'reviewer-demo-key', role: 'reviewer' },
        { name: 'operator', key: 'operator-demo-key', role: 'operator' },
      ],
      demo: true,
      logLevel: 'warn',
    });
  });

  it('takes every variable', () => {
    const env = { HOST: '0.0.0.0', PORT: '8080', DATABASE_URL: 'sqlite::memory:', LOG_LEVEL: 'debug' };
    const others = {
      AUDIT_DATABASE_URL: 'sqlite:./data/audit.sqlite',
      DATA_WAREHOUSE_URL: 'sqlite:./data/warehouse.sqlite',
    };
    expect(loadConfig({ ...env, ...others, API_KEYS: `alice:${key}:reviewer, bob:${key}2:analyst` })).toEqual({
      host: '0.0.0.0',
      port: 8080,
      databaseUrl: 'sqlite::memory:',
      auditDatabaseUrl: 'sqlite:./data/audit.sqlite',
      warehouseUrl: 'sqlite:./data/warehouse.sqlite',
      keys: [
        { name: 'alice', key, role: 'reviewer' },
        { name: 'bob', key: `${key}2`, role: 'analyst' },
      ],
      demo: false,
      logLevel: 'debug',
    });
  });

  it.each([
    ['PORT', 'http'],
    ['PORT', ''],
    ['PORT', '70000'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['HOST', ''],
    ['DATABASE_URL', ''],
    ['LOG_LEVEL', 'loud'],
  ])('refuses %s=%s and names the variable', (name, value) => {
    expect(refusal({ [name]: value }).message).toContain(name);
  });
});

describe('demo keys', () => {
  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('work on %s', (HOST) => {
    expect(loadConfig({ HOST }).demo).toBe(true);
  });

  it.each(['0.0.0.0', '::', '192.168.1.10', '10.0.0.1', 'example.com', '127.0.0.1.example.com', '::ffff:10.0.0.1'])(
    'are refused on %s, with the remedy',
    (HOST) => {
      const { message, remedy } = refusal({ HOST });
      expect(message).toContain(`HOST=${HOST}`);
      expect(remedy).toContain('API_KEYS');
      expect(loadConfig({ HOST, API_KEYS: `alice:${key}:operator` }).demo).toBe(false);
    },
  );

  it('cannot be configured as keys, and blank keys are none', () => {
    expect(refusal({ API_KEYS: 'me:operator-demo-key:operator' }).message).toContain('public');
    expect(refusal({ API_KEYS: ' ', HOST: '0.0.0.0' }).remedy).toContain('API_KEYS');
  });
});

describe('API_KEYS', () => {
  it.each([
    ['alice', 'three parts'],
    [`alice:${key}`, 'three parts'],
    [`alice:${key}:reviewer:x`, 'three parts'],
    [`:${key}:reviewer`, 'name'],
    [`al ice:${key}:reviewer`, 'name'],
    ['alice:short:reviewer', '16 characters'],
    [`alice:${key} ${key}:reviewer`, 'bearer token'],
    [`alice:${key}:admin`, 'role'],
    [`alice:${key}:reviewer,`, 'Item 2'],
    [`alice:${key}:reviewer,alice:${key}2:analyst`, 'same name'],
    [`alice:${key}:reviewer,bob:${key}:analyst`, 'same key'],
  ])('%s is refused: %s', (API_KEYS, problem) => {
    const { message, remedy } = refusal({ API_KEYS });
    expect(message).toContain(problem);
    expect(message + remedy, 'a message ends up in a log').not.toContain(key);
  });
});
