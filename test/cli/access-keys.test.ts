import { describe, expect, it } from 'vitest';
import { readAccessKeys } from '../../src/cli/access-keys';
import { CliError } from '../../src/cli/cli-error';
import { isLoopback } from '../../src/cli/serve/loopback';

const key = 'k'.repeat(16);
const other = 'o'.repeat(16);

describe('keys', () => {
  it('come from the options, or else from the environment', () => {
    const anna = { name: 'anna', key, mayFlush: false };
    expect(readAccessKeys([`anna:${key}`], `ops:${other}`)).toEqual([anna]);
    expect(readAccessKeys([], ` anna:${key}, ops:${other}:flush`)).toEqual([
      anna,
      { name: 'ops', key: other, mayFlush: true },
    ]);
    expect(readAccessKeys([], undefined)).toEqual([]);
    expect(readAccessKeys([], ' ')).toEqual([]);
  });

  it.each([
    ['without a name', `:${key}`],
    ['with a strange name', `an na:${key}`],
    ['without a key', 'anna'],
    ['that is short', 'anna:secret-secret-1'],
    ['that no header can carry', 'anna:secret secret secret'],
    ['with another right', `anna:${key}:write`],
    ['with too much', `anna:${key}:flush:flush`],
    ['with a name given twice', `anna:${key},anna:${other}`],
    ['given twice', `anna:${key},ops:${key}`],
    ['that is empty', `anna:${key},`],
  ])('are refused %s, without being repeated', (_name, text) => {
    let error: unknown;
    try {
      readAccessKeys([], text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(CliError);
    const { code, message, remedy } = error as CliError;
    expect(code).toBe('AUDIT_CLI_INVALID_KEY');
    expect(message + remedy).not.toMatch(/secret|kkkk|oooo/);
  });
});

it.each([
  ['127.0.0.1', true],
  ['127.1.2.3', true],
  ['::1', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['192.168.1.1', false],
  ['localhost.example.org', false],
])('%s on loopback: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
