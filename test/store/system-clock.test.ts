import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { EntitySchema } from 'typeorm';
import { expect, it } from 'vitest';
import { audited, temporaryFile } from '../support/databases';

const libfaketime = [
  process.env['TEST_LIBFAKETIME'],
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
].find((path) => path !== undefined && existsSync(path));

const Counter = new EntitySchema<{ id: string; value: number }>({
  name: 'Counter',
  tableName: 'counter',
  columns: { id: { type: 'varchar', primary: true }, value: { type: 'integer' } },
});

interface Step {
  offset: string;
  now: number;
  completeUpTo: number;
  flushFailures: number;
  timeouts: number;
  least: number;
}

const hour = 3_600_000;
const offsets = { '-2h': -2 * hour, '+3d': 72 * hour, '-30d': -720 * hour, '+0': 0 };

it('a clock of the system that jumps under load loses, doubles and reorders nothing', async (context) => {
  if (libfaketime === undefined)
    return context.skip('no libfaketime: install it, or set TEST_LIBFAKETIME to the library');
  const file = temporaryFile();
  const clock = join(dirname(file), 'clock');
  writeFileSync(clock, '+0');
  const child = spawnSync(
    process.execPath,
    [resolve('test/store/fixtures/stepped-clock.cjs'), file, clock, ...Object.keys(offsets)],
    {
      encoding: 'utf8',
      env: {
        ...process.env,
        LD_PRELOAD: libfaketime,
        FAKETIME_TIMESTAMP_FILE: clock,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      },
    },
  );
  expect({ status: child.status, stderr: child.stderr }).toEqual({ status: 0, stderr: '' });
  const steps = JSON.parse(child.stdout) as Step[];
  for (const { offset, now, completeUpTo, flushFailures, timeouts, least } of steps) {
    const real = now - offsets[offset as keyof typeof offsets];
    expect(Math.abs(Date.now() - real)).toBeLessThan(hour);
    expect(completeUpTo).toBeLessThanOrEqual(now);
    expect({ flushFailures, timeouts, isNegative: least < 0 }).toEqual({
      flushFailures: 0,
      timeouts: 0,
      isNegative: false,
    });
  }
  const { trail, dataSource } = await audited([Counter], { url: `sqlite:${file}` });
  const rows = await dataSource.getRepository(Counter).find();
  for (const { id, value } of rows) {
    const expected = id === 'held' ? 8 : 160;
    const history = [];
    for (let cursor: string | undefined, more = true; more;) {
      const page = await trail.history(Counter, id, { limit: 100, ...(cursor !== undefined && { cursor }) });
      history.push(...page.entries);
      cursor = page.nextCursor ?? undefined;
      more = cursor !== undefined;
    }
    expect(value).toBe(expected);
    expect(history.map(({ after }) => after?.['value']).reverse()).toEqual(
      Array.from({ length: expected + 1 }, (_, index) => index),
    );
    if (id !== 'held') expect(new Set(history.slice(0, -1).map(({ actor }) => actor))).toEqual(new Set([id]));
  }
  expect(rows).toHaveLength(5);
  const { totalEntries, entriesByOperation } = await trail.stats();
  expect({ totalEntries, entriesByOperation }).toMatchObject({
    totalEntries: 5 + 4 * 160 + 8,
    entriesByOperation: { insert: 5, update: 648 },
  });
  expect(await trail.doctor()).toMatchObject({ differences: [] });
});
