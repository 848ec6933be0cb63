/** Steady work for a long time, in a process of its own. */
import { readdirSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { auditContext, AuditTrail, createDataSource } from '../../../src/index';
import { serve } from '../../support/child';
import { entities, Invoice, newInvoice } from '../../support/entities';

export interface MemoryRequest {
  file: string;
  seconds: number;
  samples: number;
}

export interface MemorySample {
  seconds: number;
  rssMegabytes: number;
  /** After a collection. */
  heapMegabytes: number;
  externalMegabytes: number;
}

/** What is open while nothing is being done. */
export interface OpenThings {
  resources: Record<string, number>;
  /** Open files of the process; null where the system does not tell. */
  files: number | null;
  connections: number;
}

export interface MemoryAnswer {
  samples: MemorySample[];
  changes: number;
  totalEntries: number;
  early: OpenThings;
  late: OpenThings;
}

/** Few enough that the work is steady on any machine. */
const tickMs = 20;
const flowsATick = 4;

declare const gc: () => void;

serve(async ({ file, seconds, samples: count }: MemoryRequest): Promise<MemoryAnswer> => {
  const dataSource = createDataSource(`sqlite:${file}`, { entities, synchronize: true });
  const trail = await AuditTrail.attach(dataSource);
  const invoices = dataSource.getRepository(Invoice);
  let changes = 0;
  let number = 0;
  const flow = async () => {
    const mine = (number += 1);
    await auditContext.run({ actor: `clerk ${mine % 50}`, correlationId: `request ${mine}` }, async () => {
      const { id } = await invoices.save(newInvoice(mine));
      await invoices.update({ id }, { status: 'sent' });
      await dataSource.transaction(async (manager) => {
        await manager.update(Invoice, { id }, { isPaid: mine % 2 === 1 });
        await manager.delete(Invoice, { id });
      });
      changes += 4;
    });
    if (mine % 10 === 0) await trail.recent({ actor: `clerk ${mine % 50}` });
    if (mine % 100 === 0) await Promise.all([trail.stats(), trail.dashboard(), trail.history(Invoice, 1)]);
  };
  const openThings = async (): Promise<OpenThings> => {
    await trail.flush();
    // What the flush has left behind is over by then.
    for (let turn = 0; turn < 10; turn += 1) await nextTurn();
    const resources: Record<string, number> = {};
    for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
    return { resources, files: filesOpen(), connections: (await trail.stats()).pool.size };
  };

  const samples: MemorySample[] = [];
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  let early: OpenThings | undefined;
  while (elapsed() < seconds) {
    await Promise.all(Array.from({ length: flowsATick }, flow));
    if (elapsed() >= (samples.length * seconds) / count) {
      gc();
      const { rss, heapUsed, external } = process.memoryUsage();
      const [rssMegabytes, heapMegabytes, externalMegabytes] = [rss / 1e6, heapUsed / 1e6, external / 1e6];
      samples.push({ seconds: elapsed(), rssMegabytes, heapMegabytes, externalMegabytes });
    }
    if (!early && elapsed() > seconds / 3) early = await openThings();
    await sleep(tickMs);
  }
  const late = await openThings();
  const { totalEntries } = await trail.stats();
  await dataSource.destroy();
  return { samples, changes, totalEntries, early: early ?? late, late };
});

function filesOpen(): number | null {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return null;
  }
}
