import fc from 'fast-check';
import { nowhere } from './keys';
import { type OperationName, operationNames } from './operations/all-operations';
import type { Flow, Nested, Node, Parallel, Pause, Program, Step, Unit } from './program';

const pause: fc.Arbitrary<Pause> = fc.constantFrom(0, 0, 1, 2);
/** True once in so many times; false is what it shrinks to. */
const rarely = (times: number): fc.Arbitrary<boolean> => fc.nat(times - 1).map((n) => n === times - 1);
/** Low slots have rows to start with, so that most operations meet one. */
const slot = fc.oneof({ weight: 4, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.nat(nowhere - 1) });

/** Up to eight flows, of up to four transactions each, of these operations. */
export function arbitraryPrograms(names: readonly OperationName[]): fc.Arbitrary<Program> {
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constant('step'),
    op: fc.constantFrom(...names),
    slot,
    other: slot,
    value: fc.nat(39),
    pause,
    foreign: rarely(5),
    ownReason: rarely(5),
    throws: rarely(3),
    floating: rarely(8),
  });

  const { node } = fc.letrec<{ node: Node; nested: Nested; parallel: Parallel }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'node' },
      { weight: 8, arbitrary: step },
      { weight: 2, arbitrary: tie('nested') },
      { weight: 1, arbitrary: tie('parallel') },
    ),
    nested: fc.record({
      kind: fc.constant('nested'),
      via: fc.constantFrom('transaction', 'savepoint', 'runner'),
      body: fc.array(tie('node'), { maxLength: 4, depthIdentifier: 'node' }),
      fails: rarely(3),
      rethrows: rarely(4),
      floating: rarely(8),
    }),
    parallel: fc.record({
      kind: fc.constant('parallel'),
      body: fc.array(tie('node'), { minLength: 2, maxLength: 4, depthIdentifier: 'node' }),
    }),
  }));

  const unit: fc.Arbitrary<Unit> = fc.record({
    kind: fc.constantFrom('alone', 'transaction', 'transaction', 'runner', 'raw transaction'),
    body: fc.array(node, { minLength: 1, maxLength: 5 }),
    fails: rarely(4),
    ownContext: rarely(3),
  });

  const flow: fc.Arbitrary<Flow> = fc.record({
    isAnonymous: rarely(8),
    pause,
    units: fc.array(unit, { minLength: 1, maxLength: 4 }),
  });

  return fc.record({
    flows: fc.array(flow, { minLength: 1, maxLength: 8 }),
    flushes: fc.oneof(fc.constant<Pause[]>([]), fc.array(pause, { maxLength: 5 })),
    wild: rarely(3),
  });
}

/** For a file. */
export const arbitraryProgram = arbitraryPrograms(operationNames);
