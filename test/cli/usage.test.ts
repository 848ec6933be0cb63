import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cliErrorCodes } from '../../src/cli/cli-error';
import { failureOf, run, textOf } from './command';

const commands = ['serve', 'check', 'migrate', 'stats', 'flush', 'baseline', 'doctor'];

describe('help', () => {
  it('of the program names every command', async () => {
    const help = await textOf(['--help']);
    for (const command of commands) expect(help).toMatch(new RegExp(`^  ${command} `, 'm'));
    expect(help).toContain('Exit codes: 0 done, 1 failed, 2 wrong usage.');
  });

  it.each(commands)('of %s has options, examples, environment variables and exit codes', async (command) => {
    const help = await textOf([command, '--help']);
    for (const part of ['--url <url>', '--data-source <file>', '--json', 'Examples:', 'DATABASE_URL', 'Exit codes:']) {
      expect(help).toContain(part);
    }
    expect(help).toContain(`$ audit-trail ${command} `);
    expect(await textOf(['help', command])).toBe(help);
  });

  it('is printed for a command line without a command, which is wrong usage', async () => {
    const { code, stdout, stderr } = await run([]);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toBe(await textOf(['--help']));
  });
});

it('--version prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(resolve('package.json'), 'utf8')) as { version: string };
  expect(await textOf(['--version'])).toBe(`${version}\n`);
});

describe('wrong usage', () => {
  it.each([
    ['an unknown command', ['stat'], "unknown command 'stat'.", 'Did you mean stats?'],
    ['an unknown option', ['flush', '--urll', 'x'], "unknown option '--urll'.", 'Did you mean --url?'],
    ['an argument too many', ['stats', 'now'], "too many arguments for 'stats'", 'audit-trail --help'],
    ['an option without its value', ['stats', '--url'], 'argument missing', 'audit-trail --help'],
    [
      'two databases',
      ['stats', '--url', 'sqlite:x', '--data-source', 'y'],
      'cannot be used with',
      'audit-trail --help',
    ],
    ['a port that is none', ['serve', '--port', '65536'], 'from 0 to 65535', 'audit-trail --help'],
    ['a prefix that is none', ['serve', '--prefix', 'audit'], 'a path such as /api/audit', 'audit-trail --help'],
  ])('is %s', async (_name, args, message, remedy) => {
    const error = await failureOf(args, 2);
    expect(error.code).toBe('AUDIT_CLI_USAGE');
    expect(error.message).toContain(message);
    expect(error.remedy).toContain(remedy);
  });

  it.each(commands)('is %s without a database', async (command) => {
    const error = await failureOf([command], 2);
    expect(error.code).toBe('AUDIT_CLI_NO_DATABASE');
    for (const way of ['--url', 'DATABASE_URL', '--data-source']) expect(error.remedy).toContain(way);
  });

  it('is a URL that is none, and its password stays secret', async () => {
    for (const url of [
      'postgres://anna:green-apple@host/db',
      'mssql://anna:green/apple@host/db',
      'mssql://anna:green apple@h',
    ]) {
      for (const [args, env] of [
        [['stats', '--url', url], {}],
        [['stats', `--url=${url}`], {}],
        [['stats'], { DATABASE_URL: url }],
      ] as const) {
        const { code, stdout, stderr } = await run([...args, '--json'], { env: { ...env, DEBUG: 'audit-trail' } });
        expect(code).toBe(2);
        expect(stderr).toContain('AUDIT_INVALID_DATABASE_URL');
        expect(stdout + stderr).not.toMatch(/green|apple/);
      }
    }
  });
});

it('a stack is printed with DEBUG=audit-trail only', async () => {
  const args = ['stats', '--url', 'sqlite:missing.sqlite'];
  expect((await run(args)).stderr).not.toContain('    at ');
  expect((await run(args, { env: { DEBUG: 'http,audit-trail' } })).stderr).toContain('    at ');
});

it('docs/cli.md lists every code of the command line with its exit code, and no other', () => {
  const text = readFileSync(resolve('docs/cli.md'), 'utf8');
  const listed = [...text.matchAll(/^\| `(AUDIT_CLI_\w+)` +\| (\d) /gm)].map(([, code, exit]) => [code, Number(exit)]);
  expect(Object.fromEntries(listed)).toEqual(cliErrorCodes);
});
