/** Clients of the example application, in a process of their own. */
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { serve } from '../../support/child';
import { randomNumbers } from '../../support/log/random';

export interface LoadRequest {
  address: string;
  key: string;
  clients: number;
  seconds: number;
  seed: number;
}

export interface LoadAnswer {
  /** Milliseconds of every request, by kind. */
  times: Record<string, number[]>;
  /** Changes that were acknowledged, by operation. */
  changes: Record<string, number>;
  /** The first of the answers that were not as expected. */
  errors: string[];
  errorCount: number;
}

interface Calculation {
  id: number;
  isDeleted: boolean;
}

interface Ask {
  kind: string;
  method: string;
  path: string;
  body?: object;
  /** What a good answer means has happened. */
  operation?: string;
  apply?(id: number): void;
}

const mostCalculations = 8;

class Client {
  private readonly calculations: Calculation[] = [];
  private count = 0;

  constructor(private readonly random: () => number) {}

  /** Three of five requests read. */
  next(): Ask {
    const number = this.random();
    const known = this.calculations[Math.floor(this.random() * this.calculations.length)];
    if (!known) return this.create();
    const path = `/api/calculations/${known.id}`;
    if (number < 0.3) return { kind: 'get', method: 'GET', path: `${path}?include_deleted=true` };
    if (number < 0.4) return { kind: 'list', method: 'GET', path: '/api/calculations?limit=20' };
    if (number < 0.45) return { kind: 'audit recent', method: 'GET', path: '/api/calculations/audit/recent?limit=20' };
    if (number < 0.55) return this.history(known);
    if (number < 0.58) return { kind: 'audit stats', method: 'GET', path: '/api/calculations/audit/stats' };
    if (number < 0.6) return { kind: 'audit dashboard', method: 'GET', path: '/api/calculations/audit/dashboard' };
    if (number < 0.68 && this.calculations.length < mostCalculations) return this.create();
    if (known.isDeleted) {
      const apply = () => (known.isDeleted = false);
      return { kind: 'restore', method: 'POST', path: `${path}/restore`, operation: 'restore', apply };
    }
    if (number < 0.72) {
      const apply = () => (known.isDeleted = true);
      return { kind: 'soft-delete', method: 'DELETE', path, operation: 'soft_delete', apply };
    }
    return { kind: 'change', method: 'PATCH', path, body: this.inputs(), operation: 'update' };
  }

  private create(): Ask {
    const body = { name: `area ${this.count}`, ...this.inputs() };
    const apply = (id: number) => void this.calculations.push({ id, isDeleted: false });
    return { kind: 'create', method: 'POST', path: '/api/calculations', body, operation: 'insert', apply };
  }

  private history({ id }: Calculation): Ask {
    const path = `/api/calculations/audit/recent?entity=UserCalculation&entity_id=${id}&limit=20`;
    return { kind: 'audit history', method: 'GET', path };
  }

  /** Others than before: a change that changes nothing leaves no entry. */
  private inputs(): object {
    this.count += 1;
    return { formula: 'a + b', inputs: { a: this.count, b: this.random() } };
  }
}

serve(async ({ address, key, clients, seconds, seed }: LoadRequest): Promise<LoadAnswer> => {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const answer: LoadAnswer = { times: {}, changes: {}, errors: [], errorCount: 0 };
  const end = performance.now() + seconds * 1000;
  const run = async (index: number) => {
    const client = new Client(randomNumbers(seed * 10_000 + index));
    while (performance.now() < end) {
      const ask = client.next();
      const start = performance.now();
      const { status, text } = await send(agent, address, key, ask).catch((error: unknown) => ({
        status: 0,
        text: String(error),
      }));
      (answer.times[ask.kind] ??= []).push(performance.now() - start);
      if (status < 200 || status > 299) {
        answer.errorCount += 1;
        if (answer.errors.length < 5) answer.errors.push(`${ask.method} ${ask.path}: ${status} ${text.slice(0, 200)}`);
        continue;
      }
      if (ask.operation) answer.changes[ask.operation] = (answer.changes[ask.operation] ?? 0) + 1;
      ask.apply?.((JSON.parse(text) as { data: { id: number } }).data.id);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, index) => run(index)));
  agent.destroy();
  return answer;
});

function send(agent: Agent, address: string, key: string, ask: Ask): Promise<{ status: number; text: string }> {
  const body = ask.body === undefined ? undefined : JSON.stringify(ask.body);
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    };
    const sent = request(`${address}${ask.path}`, { method: ask.method, agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode!, text })).on('error', reject);
    });
    sent.on('error', reject).end(body);
  });
}
