import { afterAll, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../src/index';
import type { Tampering } from './check-program';
import { Workshop } from './workshop';
import { flow, nested, program, step, unit } from './write-program';

const workshop = new Workshop();

afterAll(() => workshop.dispose());

const example = program([
  flow(
    unit('transaction', [
      step('update by key'),
      nested([step('save loaded')], { fails: true }),
      step('business event'),
    ]),
  ),
  flow(
    unit('alone', [step('raw UPDATE', { value: 1, ownReason: true }), step('delete'), step('scrap'), step('clear')]),
  ),
]);

const change =
  (change: Partial<AuditEntry>, of: (entry: AuditEntry) => boolean): Tampering =>
  (entries) => {
    const index = entries.findIndex(of);
    expect(index).toBeGreaterThanOrEqual(0);
    return entries.map((entry, at) => (at === index ? { ...entry, ...change } : entry));
  };

const ofFirst = ({ correlationId }: AuditEntry) => correlationId === 'request 1';
const cascaded = ({ table, operation }: AuditEntry) => table === 'book_tag' && operation === 'unlink';

/** One thing altered in what was recorded, and what the test must say of it. */
const tamperings: Record<string, [Tampering, RegExp]> = {
  'an entry is missing': [(entries) => entries.filter((entry) => !cascaded(entry)), /replayed forwards/],
  'an entry is there twice': [(entries) => [...entries, entries.find(cascaded)!], /recorded are/],
  'the event is missing': [
    (entries) => entries.filter(({ operation }) => operation !== 'event'),
    /the event of 1\.\d is missing/,
  ],
  'the marker is missing': [
    (entries) => entries.filter(({ operation }) => operation !== 'truncate'),
    /0 markers are recorded of 1 to 1 clears/,
  ],
  'another actor': [
    change({ actor: 'actor 1' }, ({ actor }) => actor === 'actor 2'),
    /its actor is actor 1, not actor 2/,
  ],
  'another actor of a cascade': [change({ actor: 'actor 1' }, cascaded), /its actor is actor 1, not actor 2/],
  'no actor': [change({ actor: null }, ofFirst), /its actor is null/],
  'another correlation id': [change({ correlationId: 'request 2' }, ofFirst), /its correlationId is/],
  'the reason of the flow for that of a step': [
    change({ reason: 'reason of 2' }, ({ reason }) => reason === 'reason of 2.1'),
    /its reason is reason of 2, not reason of 2\.1/,
  ],
  'another source': [
    change({ source: 'orm' }, ({ source, after }) => source === 'sql' && after?.['token'] === '2.1'),
    /its source is orm, but raw UPDATE 2\.1 made it/,
  ],
  'no source': [change({ source: null }, ({ source }) => source === 'sql'), /its source is null/],
  'another transaction': [change({ transactionId: 'x' }, cascaded), /its transaction had ended/],
  'a value': [
    (entries) =>
      entries.map((entry) =>
        entry.after?.['price'] === 0 ? { ...entry, after: { ...entry.after, price: 1 } } : entry,
      ),
    /replayed forwards/,
  ],
};

describe('the checks of random programs bite', () => {
  it('and find nothing where nothing is wrong', async () => {
    expect(await workshop.check(example)).toEqual([]);
  });

  it.each(Object.entries(tamperings))('%s', async (_name, [tampering, complaint]) => {
    expect((await workshop.check(example, tampering)).join('\n')).toMatch(complaint);
  });
});
