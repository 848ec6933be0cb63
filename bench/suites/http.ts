import { join } from 'node:path';
import { keyOf, ServiceProcess } from '../../test/load/service-process';
import type { Suite } from '../suite';
import { Child } from '../support/child';
import { quantile } from '../support/statistics';
import { figure } from '../support/table';
import type { LoadAnswer, LoadRequest } from './http/clients';

/** Clients are shared out among so many processes. */
const processes = 2;
const operations = ['insert', 'update', 'soft_delete', 'restore'];

interface Stats {
  entries_by_operation: Record<string, number>;
  pending_count: number;
}

export const httpSuite: Suite = {
  name: 'http',
  describes: 'the example application under 250 clients at once that read and write',
  async run({ quick, size, folder, progress }) {
    const clients = quick ? 20 : (size ?? 250);
    const seconds = quick ? 3 : 60;
    const name = 'bench';
    const service = await ServiceProcess.start(join(folder, 'calculations.sqlite'), [name]);
    try {
      const ask = async (request: string) => (await service.ask<Stats>(name, request)).body.data;
      await ask('POST /calculations/audit/flush');
      const before = await ask('GET /calculations/audit/stats');
      progress(`${clients} clients, ${seconds} s`);
      const answers = await load(service.address, keyOf(name), clients, seconds);
      await ask('POST /calculations/audit/flush');
      const after = await ask('GET /calculations/audit/stats');

      const problems = answers.flatMap(({ errors }) => errors).map((error) => `http: ${error}`);
      for (const operation of operations) {
        const acknowledged = answers.reduce((sum, { changes }) => sum + (changes[operation] ?? 0), 0);
        const entries = (after.entries_by_operation[operation] ?? 0) - (before.entries_by_operation[operation] ?? 0);
        if (acknowledged !== entries)
          problems.push(`http: ${acknowledged} changes by ${operation}, ${entries} entries`);
      }
      if (after.pending_count !== 0) problems.push(`http: ${after.pending_count} rows pending after the flush`);

      const kinds = [...new Set(answers.flatMap(({ times }) => Object.keys(times)))].sort();
      const figures = kinds.map((kind) =>
        timesOf(
          kind,
          answers.flatMap(({ times }) => times[kind] ?? []),
        ),
      );
      const all = timesOf(
        'all',
        answers.flatMap(({ times }) => Object.values(times).flat()),
      );
      const requestsPerSecond = all.count / seconds;
      const errors = answers.reduce((sum, { errorCount }) => sum + errorCount, 0);
      return {
        tables: [
          {
            title: `${clients} clients at once, ${seconds} s: ${figure(requestsPerSecond)} requests/s, ${errors} errors`,
            head: ['milliseconds', 'requests', 'p50', 'p95', 'p99'],
            rows: [...figures, all].map((times) => [
              times.kind,
              times.count.toLocaleString('en-US'),
              ...[times.p50Milliseconds, times.p95Milliseconds, times.p99Milliseconds].map(figure),
            ]),
            notes: [
              'the clients run on the same cores; reach: 0 errors, ≥ 1,000 requests/s with 250 clients on two cores',
            ],
          },
        ],
        figures: { clients, seconds, requestsPerSecond, errors, all, kinds: figures },
        problems,
      };
    } finally {
      await service.signal('SIGTERM');
    }
  },
};

async function load(address: string, key: string, clients: number, seconds: number): Promise<LoadAnswer[]> {
  const program = join(__dirname, 'http', 'clients.js');
  const children = Array.from({ length: processes }, () => new Child<LoadRequest, LoadAnswer>(program, []));
  try {
    return await Promise.all(
      children.map((child, seed) =>
        child.ask({ address, key, clients: Math.ceil(clients / processes), seconds, seed }),
      ),
    );
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}

function timesOf(kind: string, times: number[]) {
  const [p50Milliseconds, p95Milliseconds, p99Milliseconds] = [0.5, 0.95, 0.99].map((part) => quantile(times, part));
  return {
    kind,
    count: times.length,
    p50Milliseconds: p50Milliseconds!,
    p95Milliseconds: p95Milliseconds!,
    p99Milliseconds: p99Milliseconds!,
  };
}
