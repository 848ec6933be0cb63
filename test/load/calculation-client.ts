import { Random } from '../crash/random';
import type { JournaledOperation } from '../crash/oracle/journal';
import type { KnownCalculation } from './calculation-book';
import { planRequest } from './calculation-requests';
import type { Desk } from './desk';
import type { ServiceProcess } from './service-process';

/** Changes calculations, one request after the other, and keeps a journal of what it asked for and was told. */
export class CalculationClient {
  readonly journal: JournaledOperation[] = [];
  /** Answers that were not the expected ones. */
  readonly problems: string[] = [];
  private readonly desk: Desk;

  constructor(
    readonly name: string,
    seed: number,
  ) {
    let count = 0;
    const calculations = new Set<KnownCalculation>();
    this.desk = { name, random: new Random(seed), calculations, next: () => (count += 1) };
  }

  /** @returns false when the service did not answer: what became of the request is unknown, and so is what follows */
  async change(service: ServiceProcess): Promise<boolean> {
    const { kind, request, body, status, expected, apply } = planRequest(this.desk);
    const correlationId = `${this.name}.${this.journal.length}`;
    const reason = `load: ${kind}`;
    const operation = {
      correlationId,
      actor: this.name,
      reason,
      source: 'http',
      kind,
      expected,
      isAcknowledged: false,
    };
    this.journal.push(operation);
    const headers = { 'x-correlation-id': correlationId, 'x-reason': reason };
    const answer = await service.ask<{ id: number }>(this.name, request, body, headers).catch(() => undefined);
    // A service that is stopping refuses with 503.
    if (!answer || answer.status === 503) return false;
    operation.isAcknowledged = true;
    if (answer.status !== status) {
      this.problems.push(`${request} (${kind}): ${answer.status} ${JSON.stringify(answer.body)}`);
    } else if (status < 300) apply?.(answer.body.data);
    return true;
  }
}

/** Clients whose names begin with `prefix`, which sets them apart from those of another life of the service. */
export function makeClients(count: number, prefix: string, seed: number): CalculationClient[] {
  return Array.from({ length: count }, (_, index) => new CalculationClient(`${prefix}-${index}`, seed * 1000 + index));
}
