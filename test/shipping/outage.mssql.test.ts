import Database from 'better-sqlite3';
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { Checker } from '../crash/checker';
import { Random } from '../crash/random';
import { WorkerProcess } from '../crash/worker-process';
import { afterTest, audited, temporaryFile } from '../support/databases';
import { freshDatabase } from '../support/mssql';
import { severableProxy } from '../support/severable-proxy';

const columns = {
  audit_entry:
    'id, log_id, seq, transaction_id, entity, table_name, operation, before_image, after_image, changed_fields, actor, context_id, recorded_at',
  audit_context: 'id, actor, reason, correlation_id, source',
  audit_rollup: 'period, bucket, entity, operation, actor, entries, first_id, last_id',
};

/** Puts the log of a server into a file, where the oracle of the crash tests reads it. */
async function mirror(server: DataSource, file: string): Promise<void> {
  const database = new Database(file);
  database.exec('DROP TABLE IF EXISTS audit_outbox; CREATE TABLE audit_outbox (id INTEGER PRIMARY KEY)');
  for (const [table, names] of Object.entries(columns)) {
    const rows = await server.query<Record<string, unknown>[]>(`SELECT ${names} FROM ${table}`);
    database.exec(`DROP TABLE IF EXISTS ${table}; CREATE TABLE ${table} (${names})`);
    const insert = database.prepare(`INSERT INTO ${table} VALUES (${names.replaceAll(/\w+/g, '?')})`);
    const numbers = ['id', 'seq', 'recorded_at', 'entries', 'first_id', 'last_id'];
    for (const row of rows) {
      const values = names.split(', ').map((name) => {
        const value = row[name] ?? null;
        return numbers.includes(name) && value !== null && table !== 'audit_context' ? Number(value) : value;
      });
      insert.run(...values.map((value) => (typeof value === 'number' ? BigInt(value) : value)));
    }
  }
  database.close();
}

describe('an application on a file whose log is delivered to a server', () => {
  it(
    'loses, invents and doubles nothing where the server is away for a while and the application is killed',
    { timeout: 180_000 },
    async () => {
      const url = await freshDatabase();
      const proxy = await severableProxy(url);
      const folder = dirname(temporaryFile());
      mkdirSync(join(folder, 'journals'));
      const [file, log] = [join(folder, 'crash.sqlite'), join(folder, 'mirror.sqlite')];
      const options = {
        folder: join(folder, 'journals'),
        worker: resolve('dist/test/crash/programs/worker.js'),
        clients: 4,
        auditDatabase: proxy.url,
      };
      const random = new Random(7);
      const checker = new Checker();
      checker.begin(file, log);
      let life = 0;
      const start = async () => {
        const worker = WorkerProcess.start(options, file, (life += 1), random.whole(0, 2 ** 31));
        afterTest(() => worker.abandon());
        await worker.recovered;
        return worker;
      };
      let worker = await start();
      // It made the tables there; what it has not counted yet is counted by this one's flush().
      const { dataSource: server, trail } = await audited([], { url });
      for (const outage of ['cut off', 'away', 'away, and back before the end']) {
        expect(await worker.tell({ operations: 20 })).toBe('now');
        if (outage === 'cut off') proxy.sever();
        else await proxy.stop();
        const waiting = () => count(file, outage === 'cut off' ? 0 : 50);
        await expect.poll(waiting, { timeout: 60_000 }).toBe(true);
        if (outage !== 'away') await proxy.start().catch(() => undefined);
        await worker.kill(checker);
        if (outage === 'away') await proxy.start();
        worker = await start();
        await trail.flush();
        await mirror(server, log);
        checker.check(worker.journal);
      }
      checker.checkAll();
      expect(checker.problems).toEqual([]);
      expect(checker.figures.kills).toBe(3);
      const entries = [...checker.figures.entries.values()].reduce((sum, each) => sum + each, 0);
      expect(entries).toBeGreaterThan(100);
    },
  );
});

/** True where so many records wait in the application's database. */
function count(file: string, least: number): boolean {
  const database = new Database(file, { readonly: true });
  const [outbox, entries] = ['audit_outbox', 'audit_entry'].map((table) =>
    Number(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get()),
  );
  database.close();
  return outbox! + entries! >= least;
}
