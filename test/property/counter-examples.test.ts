import { afterAll, describe, expect, it } from 'vitest';
import type { Program } from './program';
import { Workshop } from './workshop';
import { flow, nested, parallel, program, step, unit } from './write-program';

const workshop = new Workshop();

afterAll(() => workshop.dispose());

/** What random programs found, shrunk: each failed once, for the reason that its name tells. */
const found: Record<string, Program> = {
  'triggers installed in a transaction survive the rollback of a savepoint': program([
    flow(unit('transaction', [step('raw REPLACE'), nested([step('save author')], { fails: true })])),
  ]),
  'triggers installed inside a savepoint that rolls back are there again at the commit': program([
    flow(
      unit('transaction', [
        step('save author'),
        nested([step('raw INSERT OR REPLACE', { value: 1 }), step('save author')], { fails: true }),
      ]),
    ),
  ]),
  'a transaction that saves an entity and changes the schema commits': program([
    flow(unit('transaction', [step('save author'), step('raw CREATE INDEX', { value: 1 })])),
  ]),
  'after a savepoint of a helper function, a transaction begun in raw SQL goes on': program([
    flow(unit('raw transaction', [nested([step('scrap')], { via: 'runner' }), step('scrap')])),
  ]),
  'a write through another manager, in a transaction begun in raw SQL, fails at once': program(
    [flow(unit('raw transaction', [step('save author', { foreign: true })]))],
    { wild: true },
  ),
  'a nested transaction that nobody awaits does not end the one around it': program(
    [
      flow(
        unit('transaction', [
          step('scrap'),
          nested(
            [nested([step('scrap'), step('scrap', { pause: 2 }), step('scrap', { pause: 2 })], { floating: true })],
            {
              fails: true,
            },
          ),
          step('scrap', { pause: 2 }),
          step('scrap', { pause: 2 }),
          step('scrap', { pause: 2 }),
        ]),
      ),
    ],
    { wild: true },
  ),
  'after OR ROLLBACK in a savepoint nothing more lands': program(
    [flow(unit('transaction', [nested([step('raw INSERT OR ROLLBACK')]), step('save author')]))],
    { wild: true },
  ),
  'a savepoint that cannot start in a lost transaction does not end it': program(
    [flow(unit('raw transaction', [step('raw INSERT OR ROLLBACK'), nested([]), step('save author')]))],
    { wild: true },
  ),
  'a lost transaction says that it is lost, whatever another flow did to the triggers since': program(
    [
      flow(
        unit('runner', [
          nested(
            [
              nested([step('raw INSERT OR ROLLBACK', { slot: 2, other: 6 })]),
              parallel(step('update a parent', { slot: 1, other: 6 })),
            ],
            { via: 'savepoint' },
          ),
        ]),
      ),
      flow(unit('transaction', [step('raw UPDATE OR REPLACE')], { fails: true })),
    ],
    { wild: true },
  ),
  'a commit before the statement it was told of, while another flow took a schema change back': program(
    [
      flow(unit('transaction', []), unit('transaction', [step('soft delete notes', { floating: true })])),
      flow(unit('transaction', [step('raw CREATE INDEX', { value: 1 })], { fails: true })),
    ],
    { wild: true },
  ),
  'a savepoint that nobody awaits and that starts while its transaction rolls back': program(
    [
      flow(
        unit('transaction', [step('save many that collide', { slot: 1, pause: 1, floating: true })], { fails: true }),
        unit('transaction', [step('scrap')]),
      ),
    ],
    { wild: true },
  ),
  'a transaction begun in raw SQL without a context does not take that of a savepoint in it': program([
    {
      ...flow(unit('raw transaction', [step('save many that collide', { slot: 5, ownReason: true }), step('scrap')])),
      isAnonymous: true,
    },
  ]),
  'the flow goes on after a savepoint that nobody awaited was undone with the one around it': program(
    [
      flow(
        unit('raw transaction', [
          nested([step('save many that collide', { slot: 2, pause: 1, floating: true })], { fails: true }),
          step('raw DELETE of all'),
        ]),
        unit('transaction', []),
      ),
    ],
    { wild: true },
  ),
  'a save that nobody awaits, and that goes on after the commit, does not fail the transaction': program(
    [
      flow(unit('transaction', [step('save note', { floating: true })]), unit('alone', [step('save author')])),
      flow(unit('alone', [parallel(step('save author'), step('save author'))])),
    ],
    { wild: true },
  ),
  'OR ROLLBACK beside other statements of its transaction': program(
    [
      flow(
        unit('transaction', [
          parallel(step('raw INSERT OR ROLLBACK'), step('scrap'), nested([step('save author')])),
          step('save author'),
        ]),
      ),
    ],
    { wild: true },
  ),
  'a savepoint that nobody awaits and that lost its transaction, while its flow goes on': program(
    [
      flow(
        unit('raw transaction', [
          nested([step('raw INSERT OR ROLLBACK'), step('save author')], { floating: true }),
          nested([]),
        ]),
        unit('alone', [step('save author')]),
      ),
      flow(unit('alone', [step('save author')])),
    ],
    { wild: true },
  ),
  'work that nobody awaits, and that outlives its transaction, deletes the row that has the number of its own now':
    program(
      [
        flow(
          unit(
            'runner',
            [
              parallel(
                parallel(
                  step('save note'),
                  step('save author'),
                  nested([step('raw DELETE RETURNING', { value: 7 })], { via: 'transaction' }),
                ),
                step('save author'),
              ),
              step('remove many', { value: 13, floating: true }),
            ],
            { fails: true },
          ),
          unit('alone', [step('save author')]),
        ),
        flow(unit('alone', [step('save note')]), unit('alone', [step('save author')])),
        flow(unit('alone', [nested([])])),
      ],
      { wild: true },
    ),
};

describe('counter-examples of random programs', () => {
  it.each(Object.entries(found))('%s', async (_name, example) => {
    expect(await workshop.check(example)).toEqual([]);
  });
});
