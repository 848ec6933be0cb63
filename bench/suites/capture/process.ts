/** A contestant in a process of its own: `process.js <name> <file>`. Does a round at a time, as the parent asks. */
import { randomUUID } from 'node:crypto';
import { serve } from '../../support/child';
import { pragmasOf } from '../../support/databases';
import { handleOf } from '../../support/handle';
import { collectGarbage, type Cost, measure } from '../../support/measure';
import type { AuditedContestant } from './audited';
import type { Contestant, ContestantName, RoundAnswer, RoundRequest } from './contestant';
import { Floor } from './floor';
import { restore, seed } from './seed';
import type { WritePath } from './write-path';
import { writePaths } from './write-paths';

const [name, file] = process.argv.slice(2) as [ContestantName, string];
/** Transactions that the floor takes turns with. */
const sampleSize = 50;
/** Part of a round that is done before the clock starts: pages, statements and caches are as they are in a running application. */
const warmUpShare = 0.1;
let used = 1;

type Round = (request: RoundRequest, path: WritePath) => Promise<RoundAnswer>;

/** Loads nothing of the library where it is not the contestant. */
async function open(): Promise<Contestant & Partial<AuditedContestant>> {
  switch (name) {
    case 'audited':
    case 'auditedWithoutDrain':
      return (await import('./audited.js')).openAudited(file, name === 'audited');
    case 'subscriber':
    case 'subscriberInMemory':
      return (await import('./subscriber.js')).openSubscriber(file, name === 'subscriberInMemory');
    case 'typeormAuditing':
      return (await import('./typeorm-auditing.js')).openTypeormAuditing(file);
    default:
      return (await import('./plain.js')).openPlain(file);
  }
}

async function work(contestant: Contestant, path: WritePath, count: number, isMeasured: boolean): Promise<Cost> {
  const inputs = await path.prepare(contestant.dataSource, used, count);
  const requests = inputs.map((input) => ({ input, correlationId: randomUUID() }));
  used += count;
  const all = async () => {
    for (const { input, correlationId } of requests) {
      await contestant.run(correlationId, () => path.operation(contestant.dataSource, input as never));
    }
    await contestant.settle();
  };
  if (isMeasured) collectGarbage();
  return measure(all);
}

async function typeormRound(): Promise<Round> {
  const contestant = await open();
  const handle = handleOf(contestant.dataSource);
  await seed(contestant.dataSource, handle);
  await contestant.settle();
  return async ({ operations, takeSample }, path) => {
    await restore(handle);
    await contestant.forget();
    await work(contestant, path, Math.ceil(operations * warmUpShare), false);
    const before = await contestant.recorded();
    await handle.all('PRAGMA wal_checkpoint(RESTART)');
    const { cpu, wall } = await work(contestant, path, operations, true);
    const recorded = (await contestant.recorded()) - before;
    const sample = takeSample ? await contestant.sample?.(sampleSize) : undefined;
    return { cpu, wall, recorded, sample, pragmas: await pragmasOf(handle) };
  };
}

async function floorRound(): Promise<Round> {
  const floor = await Floor.open(file);
  return async ({ operations, sample }, path) => {
    if (!sample?.transactions.length) throw new Error(`The audited contestant has recorded nothing of ${path.name}.`);
    await floor.reset(sample);
    await floor.write(path, floor.prepare(sample, Math.ceil(operations * warmUpShare)));
    const before = await floor.recorded();
    const transactions = floor.prepare(sample, operations);
    await floor.database.all('PRAGMA wal_checkpoint(RESTART)');
    collectGarbage();
    const { cpu, wall } = await measure(() => floor.write(path, transactions));
    const recorded = (await floor.recorded()) - before;
    return { cpu, wall, recorded, sample: undefined, pragmas: await pragmasOf(floor.database) };
  };
}

const ready = name === 'floor' ? floorRound() : typeormRound();
serve(async (request: RoundRequest): Promise<RoundAnswer> => {
  const path = writePaths.find((each) => each.name === request.path)!;
  return (await ready)(request, path);
});
