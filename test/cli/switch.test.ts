import { describe, expect, it } from 'vitest';
import { temporaryFile } from '../support/databases';
import { dataOf, databaseWithPending, failureOf, fixture, run, textOf } from './command';

const digest = expect.stringMatching(/^[0-9a-f]{64}$/) as string;

describe('switch', () => {
  it('says what it found and did, and what to change', async () => {
    const file = await databaseWithPending(3);
    const target = temporaryFile('target.sqlite');
    const urls = ['--from', `sqlite:${file}`, '--to', `sqlite:${target}`];
    expect(await textOf(['switch', ...urls, '--dry-run'])).toMatch(/\nNothing stands in the way\.\n$/);
    const text = await textOf(['switch', ...urls, '--actor', 'anna']);
    expect(text).toMatch(
      /\ndrained +3 entries of what waited in the source\ncopied +3 entries, [\d,]+ a second; \d+\.\d s in all\n/,
    );
    expect(text).toMatch(/\ncompared +3 entries in 1 block\ndigest +[0-9a-f]{64}\nBoth logs are the same\.\n/);
    expect(text).toContain(`\nChange in the environment of the application:\n  DATABASE_URL=sqlite:${target}\n`);
    expect(await textOf(['switch', ...urls, '--verify'])).toMatch(
      /\nbeyond +1 entry of the target, made there since\nBoth/,
    );
  });

  it('answers a program in the envelope of the API, and takes both databases from the environment', async () => {
    const file = await databaseWithPending(3);
    const target = temporaryFile('target.sqlite');
    const env = { DATABASE_URL: `sqlite:${file}`, TARGET_DATABASE_URL: `sqlite:${target}` };
    expect(await dataOf(['switch'], { env })).toEqual({
      ok: true,
      checks: expect.arrayContaining([expect.objectContaining({ name: 'from alone', status: 'ok' })]) as unknown[],
      drained: 3,
      copied: 3,
      entries_per_second: expect.any(Number) as number,
      comparison: {
        entries: 3,
        digest,
        difference: null,
        only_from: 0,
        only_to: 0,
        blocks: [{ entries: 3, from: digest, to: digest }],
      },
      environment: [{ name: 'DATABASE_URL', value: `sqlite:${target}` }],
      duration_ms: expect.any(Number) as number,
    });
  });

  it("moves the application's tables where that is asked for, and only with their entities", async () => {
    const file = await databaseWithPending(3);
    const args = ['switch', '--from', `sqlite:${file}`, '--to', `sqlite:${temporaryFile('target.sqlite')}`];
    args.push('--tables', 'all');
    expect(await failureOf(args, 2)).toMatchObject({ code: 'AUDIT_CLI_USAGE' });
    args.push('--data-source', fixture('itself.cjs'));
    const { code, stdout } = await run(args);
    expect(code).toBe(1);
    expect(stdout).toMatch(/\ntables +FAILED {3}The target lacks note\.\n +Run your migrations against it/);
    args.push('--synchronize');
    const text = await textOf(args);
    expect(text).toMatch(/\ntables +1 table, 3 rows copied, [\d,]+ a second\n +note: 3 rows, digest [0-9a-f]{64}\n/);
    expect(text).toContain('\nBoth logs and all tables are the same.\n');
  });

  it('tells a program what became of each table', async () => {
    const file = await databaseWithPending(2);
    const to = ['--to', `sqlite:${temporaryFile('target.sqlite')}`, '--synchronize'];
    const from = ['--from', `sqlite:${file}`, '--tables', 'all', '--data-source', fixture('itself.cjs')];
    expect(await dataOf(['switch', ...from, ...to])).toMatchObject({
      ok: true,
      tables: [{ table: 'note', rows: 2, copied: 2, from: digest, to: digest, left_out: [] }],
      rows_per_second: expect.any(Number) as number,
    });
  });

  it('exits with 1 where something stands in the way, and says all of it', async () => {
    const target = `sqlite:${temporaryFile('target.sqlite')}`;
    const { code, stdout } = await run(['switch', '--from', 'sqlite:/nowhere/a.sqlite', '--to', target]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/from file +FAILED {3}There is no file/);
    expect(stdout).toMatch(/\nNothing was done: \d to mend\.\n$/);
  });

  it('prints no password', async () => {
    const to = 'mssql://sa:hush-hush@127.0.0.1:1/app';
    const file = await databaseWithPending(1);
    const { code, stdout, stderr } = await run(['switch', '--from', `sqlite:${file}`, `--to=${to}`, '--json']);
    expect(code).toBe(1);
    expect(stdout + stderr).not.toContain('hush-hush');
    expect(stdout).toContain('to reach');
  });

  it('needs both databases', async () => {
    expect(await failureOf(['switch', '--to', 'sqlite:./b.sqlite'], 2)).toMatchObject({
      code: 'AUDIT_CLI_NO_DATABASE',
    });
    expect(await failureOf(['switch', '--from', 'sqlite:./a.sqlite'], 2)).toMatchObject({
      code: 'AUDIT_CLI_NO_DATABASE',
    });
  });
});
