import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AuditContext, contextText } from '../../src/model/context';

const context: fc.Arbitrary<AuditContext> = fc.record(
  {
    actor: fc.string({ unit: 'grapheme' }),
    reason: fc.string({ unit: 'binary' }),
    correlationId: fc.string(),
    source: fc.string(),
    metadata: fc.dictionary(fc.string(), fc.jsonValue()),
  },
  { requiredKeys: [] },
);

describe('the text of a context', () => {
  it('is the JSON of it', () => {
    fc.assert(
      fc.property(context, (given) => {
        expect(JSON.parse(contextText(given, given.source))).toEqual(JSON.parse(JSON.stringify(given)));
      }),
    );
  });

  it('is the same whatever the order of the fields', () => {
    const one = { actor: 'ann', reason: 'audit', metadata: { a: 1 } };
    const other = { metadata: { a: 1 }, reason: 'audit', actor: 'ann' };
    expect(contextText(one, 'job')).toBe(contextText(other, 'job'));
  });
});
