import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { suites } from '../../bench/suites';

function bench(...args: string[]) {
  return spawnSync(process.execPath, [join('dist', 'bench', 'main.js'), ...args], { encoding: 'utf8' });
}

describe('command line of the bench', () => {
  it('names its options and every suite in --help', () => {
    const { status, stdout } = bench('--help');
    expect(status).toBe(0);
    for (const option of ['--only', '--quick', '--rounds', '--size', '--match', '--out'])
      expect(stdout).toContain(option);
    for (const { name, describes } of suites) expect(stdout).toMatch(new RegExp(`${name} +${describes}`));
  });

  it.each([
    [['--only', 'nothing'], `There is no suite "nothing"; there are ${suites.map(({ name }) => name).join(', ')}.`],
    [['--rounds', '0'], '--rounds must be a whole number above 0, not "0".'],
    [['--fast'], "Unknown option '--fast'"],
  ])('refuses %j before it measures anything', (args, message) => {
    const { status, stdout, stderr } = bench(...args);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });
});
