/** Writers and the loop that they share: `process.js <file>`. Told what to do, it answers with the delays it saw. */
import { randomUUID } from 'node:crypto';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { auditContext, AuditTrail } from '../../../src/index';
import { serve } from '../../support/child';
import { optionsOf } from '../../support/databases';
import { first, handleOf } from '../../support/handle';
import { Invoice, newInvoice } from '../../support/entities';
import { quantile } from '../../support/statistics';
import type { Delays, LoopAnswer, LoopRequest } from './request';

/** The least that the monitor takes. */
const resolution = 1;
const thinkMs = 5;
const warmUpMs = 1500;

const file = process.argv[2]!;

/** The loop is observed from here on until the result is called. */
function observeLoop(): () => Delays {
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  return () => {
    histogram.disable();
    const ms = (nanoseconds: number) => nanoseconds / 1e6;
    const [p50, p99, max] = [histogram.percentile(50), histogram.percentile(99), histogram.max].map(ms);
    return { p50: p50!, p99: p99!, max: max!, samples: histogram.count };
  };
}

/** Half of its changes are inserts, half updates, each `save` in a context of its own; returns how many. */
async function write(dataSource: DataSource, isOver: () => boolean, latencies: number[]): Promise<number> {
  let changes = 0;
  for (const repository = dataSource.getRepository(Invoice); !isOver();) {
    const invoice = repository.create(newInvoice(changes));
    for (const status of ['draft', 'sent']) {
      invoice.status = status;
      const start = performance.now();
      await auditContext.run({ actor: 'writer', reason: 'load', correlationId: randomUUID() }, () =>
        repository.save(invoice),
      );
      latencies.push(performance.now() - start);
      changes += 1;
      await sleep(thinkMs);
    }
  }
  return changes;
}

/** Code that runs for the first time is slow; that is no delay of a running application. */
async function warmUp(writers: number): Promise<void> {
  const dataSource = new DataSource(optionsOf(':memory:'));
  await AuditTrail.attach(dataSource);
  const until = performance.now() + warmUpMs;
  await Promise.all(Array.from({ length: writers }, () => write(dataSource, () => performance.now() > until, [])));
  await dataSource.destroy();
}

serve(async ({ writers, seconds }: LoopRequest): Promise<LoopAnswer> => {
  await warmUp(writers);
  const idleDelays = observeLoop();
  await sleep(1000);
  const idle = idleDelays();

  const dataSource = new DataSource(optionsOf(file));
  const trail = await AuditTrail.attach(dataSource);
  let isOver = false;
  const latencies: number[] = [];
  const delays = observeLoop();
  const start = performance.now();
  const work = Array.from({ length: writers }, () => write(dataSource, () => isOver, latencies));
  await (seconds === undefined ? trail.flush() : sleep(seconds * 1000));
  const loop = delays();
  const took = (performance.now() - start) / 1000;
  const writes = delaysOf(latencies);
  isOver = true;
  const written = (await Promise.all(work)).reduce((sum, changes) => sum + changes, 0);
  const { pendingCount: pending } = await trail.flush();
  const entries = Number(await first(handleOf(dataSource), 'SELECT count(*) FROM audit_entry'));
  await dataSource.destroy();
  return { idle, loop, writes, seconds: took, written, entries, pending };
});

function delaysOf(values: number[]): Delays {
  const [p50, p99, max] = [0.5, 0.99, 1].map((fraction) => quantile(values, fraction));
  return { p50: p50!, p99: p99!, max: max!, samples: values.length };
}
