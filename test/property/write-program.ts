import type { OperationName } from './operations/all-operations';
import type { Flow, Nested, Node, Parallel, Program, Step, Unit } from './program';

// Short forms, for programs that are written down.

export function step(op: OperationName, details: Partial<Step> = {}): Step {
  return { kind: 'step', op, slot: 0, other: 1, value: 0, pause: 0, ...details };
}

export function nested(body: Node[], details: Partial<Nested> = {}): Nested {
  return { kind: 'nested', via: 'transaction', body, ...details };
}

export function parallel(...body: Node[]): Parallel {
  return { kind: 'parallel', body };
}

export function unit(kind: Unit['kind'], body: Node[], details: Partial<Unit> = {}): Unit {
  return { kind, body, ...details };
}

export function flow(...units: Unit[]): Flow {
  return { pause: 1, units };
}

export function program(flows: Flow[], details: Partial<Program> = {}): Program {
  return { flows, flushes: [], ...details };
}
