import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { emptySnapshot } from '../crash/oracle/snapshot';
import { compare, installPoison, pendingIn, readLog } from './audit-check';
import { type CalculationClient, makeClients } from './calculation-client';
import { calculationTables } from './calculation-tables';
import { ServiceProcess } from './service-process';

const clientCount = 20;

/** One database, the services that ran on it one after the other, and all their clients. */
export class Trial {
  readonly clients: CalculationClient[] = [];

  private constructor(readonly file: string) {}

  static async begin(): Promise<Trial> {
    const folder = mkdtempSync(join(tmpdir(), 'audit-trail-stop-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return new Trial(join(folder, 'calculations.sqlite'));
  }

  /** Each life has clients of its own: those of an earlier one don't know what became of their last request. */
  async start(life: string): Promise<ServiceProcess> {
    const clients = makeClients(clientCount, life, Date.now() % 1_000_000);
    const service = await ServiceProcess.start(
      this.file,
      clients.map(({ name }) => name),
    );
    onTestFinished(() => service.signal('SIGKILL').then(() => undefined));
    installPoison(this.file);
    this.clients.push(...clients);
    return service;
  }

  /** Sends the signal after so many requests, while the clients of this life go on until nobody answers. */
  async stopUnderLoad(
    service: ServiceProcess,
    signal: NodeJS.Signals,
    requests: number,
  ): Promise<number | NodeJS.Signals> {
    let count = 0;
    let ended: Promise<number | NodeJS.Signals> | undefined;
    const work = this.clients.slice(-clientCount).map(async (client) => {
      while (await client.change(service)) {
        count += 1;
        if (count >= requests) ended ??= service.signal(signal);
      }
    });
    await Promise.all(work);
    return ended!;
  }

  /** The whole log, from empty tables, against the journals of all lives. */
  async compare(service: ServiceProcess): Promise<void> {
    const log = await readLog(service, this.clients.at(-1)!.name);
    const journal = this.clients.flatMap((client) => client.journal);
    const report = compare(this.file, emptySnapshot(calculationTables), log, journal);
    process.stdout.write(
      `${journal.length} requests, ${log.length} entries compared; of the requests without an answer ` +
        `${report.unacknowledged.committed} were committed, ${report.unacknowledged.gone} not\n`,
    );
    expect(this.clients.flatMap((client) => client.problems)).toEqual([]);
    expect(report.problems).toEqual([]);
    expect(pendingIn(this.file)).toBe(0);
  }
}
