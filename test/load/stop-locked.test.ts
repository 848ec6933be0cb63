import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { pendingIn } from './audit-check';
import { Trial } from './trial';

const timeout = 120_000;

test(
  'SIGTERM while another program holds the file ends with exit code 0, the rest in the outbox',
  { timeout },
  async () => {
    const trial = await Trial.begin();
    const service = await trial.start('before');
    const client = trial.clients[0]!;
    // What the start has recorded must not be taken for the rest.
    await service.ask(client.name, 'POST /calculations/audit/flush');
    const other = new Database(trial.file);
    onTestFinished(() => void other.close());
    do {
      if (other.inTransaction) other.exec('ROLLBACK');
      await client.change(service);
      other.exec('BEGIN IMMEDIATE');
    } while (pendingIn(trial.file) === 0);
    expect(await service.signal('SIGTERM')).toBe(0);
    expect(pendingIn(trial.file)).toBeGreaterThan(0);
    other.exec('ROLLBACK');
    await trial.compare(await trial.start('after'));
  },
);
