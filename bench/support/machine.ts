import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { column, openSqlite } from '../../test/support/sqlite';

/** What the figures were taken on. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
  system: string;
  node: string;
  sqlite: string;
  /** Of the last minute, at the start. */
  loadAverage: number;
  /** Share of all cores, 0 to 1, that others took while the bench did nothing, at the start. */
  otherWork: number;
}

/** Half the cores taken, on average; the build before the bench alone does not come near it. */
const highLoadPerCore = 0.5;
const muchOtherWork = 0.1;

export async function describeMachine(): Promise<Machine> {
  const database = openSqlite(':memory:');
  const sqlite = String(column(database, 'SELECT sqlite_version()')[0]);
  database.close();
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryGiB: Math.round((totalmem() / 2 ** 30) * 10) / 10,
    system: `${platform()} ${release()} ${process.arch}`,
    node: process.version,
    sqlite,
    loadAverage: Math.round(loadavg()[0]! * 100) / 100,
    otherWork: await otherWork(),
  };
}

/** Why figures taken on this machine now are not to be relied on; undefined where it is idle. */
export function busyWarning({ loadAverage, otherWork, cores }: Machine): string | undefined {
  if (loadAverage <= highLoadPerCore * cores && otherWork <= muchOtherWork) return undefined;
  return `the machine is busy (load average ${loadAverage} on ${cores} cores, ${Math.round(otherWork * 100)} % taken by others): these figures are not to be relied on`;
}

async function otherWork(): Promise<number> {
  const before = times();
  await sleep(500);
  const after = times();
  const all = after.all - before.all;
  return all === 0 ? 0 : Math.round(((after.busy - before.busy) / all) * 100) / 100;
}

function times(): { busy: number; all: number } {
  let busy = 0;
  let all = 0;
  for (const { times: of } of cpus()) {
    const working = of.user + of.nice + of.sys + of.irq;
    busy += working;
    all += working + of.idle;
  }
  return { busy, all };
}
