/**
 * The process that the crash tests kill: `worker.js <database> <journal folder> <life> <seed> <clients> <who> <audit database>`.
 * It opens the database, drains what an earlier life left behind, says so, and waits. Told to go on, it changes data,
 * flushes, closes and opens again without end.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { JournalWriter } from '../journal-file';
import { Random } from '../random';
import { Client } from '../worker/client';
import { Cue, type Moment } from '../worker/cue';
import { Maintenance } from '../worker/maintenance';
import { Session } from '../worker/session';
import { Fresh } from '../worker/values';
import type { Order, Word } from '../worker-process';

const [file, folder, life, seed, clientCount, who, auditDatabase] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
];
const random = new Random(Number(seed));
const journal = new JournalWriter(folder, 'worker');
const say = (word: Word) => void process.send!(word);
const told = new Promise<Moment>((resolve) => process.once('message', resolve));
const cue = new Cue(() => say('now'));

const loop = monitorEventLoopDelay({ resolution: 10 });
loop.enable();
process.on('message', (order: Order) => {
  if (order !== 'measure') return;
  say({ max: loop.max / 1e6, p99: loop.percentile(99) / 1e6 });
  loop.reset();
});

// Nobody is left to kill it: it must not run on.
process.on('disconnect', () => process.exit(1));

function makeClient(index: number): Client {
  const name = `client ${who}${index}`;
  const fresh = new Fresh(Number(life) * 10_000_000 + index * 100_000);
  const tools = { random: new Random(random.whole(0, 2 ** 31)), fresh };
  return new Client(name, `${life}.${index}`, tools, new JournalWriter(folder, name), cue);
}

async function main(): Promise<never> {
  say('opening');
  let session = await Session.open(file, auditDatabase, random);
  await session.seed(journal);
  await session.trail.flush();
  say('recovered');
  cue.set(await told);
  const clients = Array.from({ length: Number(clientCount) }, (_, index) => makeClient(index));
  const maintenance = new Maintenance(random, journal, cue);
  for (;;) {
    const work = clients.map((client) => client.run(session));
    await maintenance.run(session);
    session.isOpen = false;
    await Promise.all(work);
    const { dataSource } = session;
    await maintenance.do('closing the database', () => dataSource.destroy());
    session = (await maintenance.do('opening the database', () => Session.open(file, auditDatabase, random)))!;
  }
}

main().catch((error: unknown) => {
  journal.write({ problem: error instanceof Error ? error.stack! : String(error) });
  process.exit(1);
});
