import { expect, test } from 'vitest';
import { pendingIn } from './audit-check';
import { Trial } from './trial';

const timeout = 120_000;

test('SIGTERM in the middle of load ends with exit code 0 and an empty outbox', { timeout }, async () => {
  const trial = await Trial.begin();
  const service = await trial.start('before');
  expect(await trial.stopUnderLoad(service, 'SIGTERM', 300)).toBe(0);
  expect(pendingIn(trial.file)).toBe(0);
  await trial.compare(await trial.start('after'));
});

test('SIGKILL in the middle of load, again and again, loses, invents and doubles nothing', { timeout }, async () => {
  const trial = await Trial.begin();
  for (const life of ['first', 'second', 'third']) {
    expect(await trial.stopUnderLoad(await trial.start(life), 'SIGKILL', 150)).toBe('SIGKILL');
  }
  await trial.compare(await trial.start('last'));
});
