/** A day of reports of devices, as fast as it goes, in a process of its own. */
import { performance } from 'node:perf_hooks';
import { EntitySchema } from 'typeorm';
import { auditContext, AuditTrail, createDataSource } from '../../../src/index';
import { serve } from '../../support/child';

export interface DayRequest {
  file: string;
  devices: number;
  changes: number;
}

export interface DaySample {
  seconds: number;
  changes: number;
  pending: number;
  rssMegabytes: number;
  heapMegabytes: number;
}

export interface DayAnswer {
  /** Until the last change was committed, and until the last entry was written. */
  writtenSeconds: number;
  drainedSeconds: number;
  samples: DaySample[];
  totalEntries: number;
  updates: number;
}

/** Each reports for its share of the devices, one after the other. */
const collectors = 8;
const sampleMs = 500;

const Device = new EntitySchema<{ id: number; name: string; reading: number; status: string; reportedAt: string }>({
  name: 'Device',
  columns: {
    id: { type: 'integer', primary: true },
    name: { type: 'varchar' },
    reading: { type: 'real' },
    status: { type: 'varchar' },
    reportedAt: { type: 'varchar' },
  },
});

serve(async ({ file, devices, changes }: DayRequest): Promise<DayAnswer> => {
  const dataSource = createDataSource(`sqlite:${file}`, { entities: [Device], synchronize: true });
  const trail = await AuditTrail.attach(dataSource);
  const repository = dataSource.getRepository(Device);
  const all = Array.from({ length: devices }, (_, id) => ({
    id,
    name: `device ${id}`,
    reading: 0,
    status: 'new',
    reportedAt: '',
  }));
  for (let from = 0; from < devices; from += 100) await repository.insert(all.slice(from, from + 100));
  await trail.flush();
  let done = 0;
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const samples: DaySample[] = [];
  const sample = async () => {
    const { rss, heapUsed } = process.memoryUsage();
    const { pendingCount } = await trail.stats();
    const [rssMegabytes, heapMegabytes] = [rss / 1e6, heapUsed / 1e6];
    samples.push({ seconds: seconds(), changes: done, pending: pendingCount, rssMegabytes, heapMegabytes });
  };
  let isSampling = false;
  const timer = setInterval(() => {
    if (isSampling) return;
    isSampling = true;
    void sample().finally(() => (isSampling = false));
  }, sampleMs);

  const collect = async (collector: number) => {
    const actor = `collector ${collector}`;
    for (let round = 0; round * devices < changes; round += 1) {
      await auditContext.run({ actor, source: 'collector', correlationId: `${collector}-${round}` }, async () => {
        for (let id = collector; id < devices && round * devices + id < changes; id += collectors) {
          // A report every 30 seconds.
          const reportedAt = new Date(round * 30_000 + id).toISOString();
          await repository.update({ id }, { reading: round + 0.5, status: `ok ${round % 10}`, reportedAt });
          done += 1;
        }
      });
    }
  };
  await Promise.all(Array.from({ length: collectors }, (_, collector) => collect(collector)));
  const writtenSeconds = seconds();
  await sample();
  await trail.flush();
  const drainedSeconds = seconds();
  clearInterval(timer);
  await sample();
  const { totalEntries, entriesByOperation } = await trail.stats();
  await dataSource.destroy();
  return { writtenSeconds, drainedSeconds, samples, totalEntries, updates: entriesByOperation.update ?? 0 };
});
