import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { column } from '../support/sqlite';
import { Checker } from './checker';
import { readDatabase } from './oracle/snapshot';
import { Random } from './random';
import type { RunOptions } from './run-rounds';
import { WorkerProcess } from './worker-process';

const auditTables = 5;
/** Operations after the recovery, which shows that capture stands. */
const operations = 20;
/** Kills of the same attempt to open the database, at most. */
const mostKills = 2;

/**
 * A round is a file of its own, on which a worker is killed while it opens the database for the first time: schema,
 * audit migrations, triggers, first rows. The next one must find nothing half-done, and record what it goes on to do.
 */
export async function runMigrations(options: RunOptions): Promise<Checker> {
  const random = new Random(options.seed);
  const checker = new Checker();
  let openMs = 300;
  for (let round = 1; round <= options.rounds; round += 1) {
    const folder = join(options.folder, `round-${round}`);
    mkdirSync(folder);
    const file = join(folder, 'crash.sqlite');
    checker.begin(file);
    let life = 0;
    const start = () => WorkerProcess.start({ ...options, folder }, file, (life += 1), random.whole(0, 2 ** 31));
    for (let kills = random.whole(1, mostKills); kills > 0; kills -= 1) {
      const worker = start();
      await worker.opening;
      await sleep(random.next() * openMs * 1.1);
      await worker.kill(checker);
      checker.killedAt(stageOf(file));
    }
    let worker = start();
    try {
      await worker.opening;
      const since = performance.now();
      await worker.recovered;
      openMs = performance.now() - since;
      checker.check(worker.journal);
      await worker.tell({ operations });
      await worker.kill(checker);
      worker = start();
      await worker.recovered;
      checker.check(worker.journal);
      checker.checkAll();
    } finally {
      await worker.abandon();
    }
  }
  return checker;
}

/** What is there of the schema; nothing is mended by looking. The audit tables come in one transaction: all of them or none. */
function stageOf(file: string): string {
  if (!existsSync(file)) return 'no file';
  try {
    return readDatabase(file, (database) => {
      const count = (condition: string) =>
        column(database, `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND ${condition}`)[0];
      const audit = count(`name IN ('audit_meta', 'audit_outbox', 'audit_entry', 'audit_context', 'audit_rollup')`);
      if (audit !== 0 && audit !== auditTables) throw new Error(`${file} has some audit tables and lacks others`);
      if (audit === auditTables) return count(`name = 'counter'`) ? 'all tables there' : 'audit tables there';
      return count('true') ? 'tables there, no audit tables' : 'nothing there';
    });
  } catch (error) {
    const { code } = error as { code?: string };
    // A journal to roll back, or a log to recover, which a reader must not do.
    if (code?.startsWith('SQLITE_READONLY') || code === 'SQLITE_CANTOPEN') return 'a file to be recovered';
    throw error;
  }
}
