import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeValue, encodeValue, sameStored } from '../../src/model/codec';
import { ExactDecimal, type StoredValue } from '../../src/model/stored-value';
import type { ColumnKind } from '../../src/model/table-map';

const kinds: ColumnKind[] = [
  'integer',
  'bigint',
  'decimal',
  'real',
  'boolean',
  'text',
  'json',
  'instant',
  'blob',
  'any',
];

const stored: fc.Arbitrary<StoredValue> = fc.oneof(
  fc.constant(null),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom(0n, 1n, 2n ** 53n, -(2n ** 53n) - 1n),
  fc.double({ noNaN: true }),
  fc.constantFrom(-0, 1, 1e21, 5e-324, Infinity, -Infinity, 2 ** 53),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '1',
    '1.10',
    '2026-01-31 12:00:00',
    '2026-01-31 12:00:00.123456',
    '2026-01-31T12:00:00Z',
    'null',
    '{"$stored":1}',
  ),
  fc.json(),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
);

describe('the canonical form of a value', () => {
  it('goes through JSON and gives back the stored value, byte for byte and storage class for storage class', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), stored, (kind, value) => {
        const canonical: unknown = JSON.parse(JSON.stringify(encodeValue(kind, value)));
        const back = decodeValue(kind, canonical);
        expect([typeof back, Buffer.isBuffer(back)]).toEqual([typeof value, Buffer.isBuffer(value)]);
        expect(sameStored(back, value)).toBe(true);
      }),
      { numRuns: 20_000 },
    );
  });

  it.each<[ColumnKind, StoredValue, unknown]>([
    ['integer', 7n, 7],
    ['integer', 2n ** 53n, { $stored: { type: 'integer', value: '9007199254740992' } }],
    ['integer', 'seven', { $stored: { type: 'text', value: 'seven' } }],
    ['bigint', 9007199254740993n, '9007199254740993'],
    ['decimal', 12.5, '12.5'],
    ['decimal', 12n, '12'],
    ['decimal', new ExactDecimal('12345678901234567890.5'), '12345678901234567890.5'],
    ['real', 1, 1],
    ['real', -0, { $stored: { type: 'real', value: '-0' } }],
    ['real', 1n, { $stored: { type: 'integer', value: '1' } }],
    ['boolean', 1n, true],
    ['boolean', 2n, { $stored: { type: 'integer', value: '2' } }],
    ['instant', '2026-01-31 12:00:00.120', '2026-01-31T12:00:00.120Z'],
    ['instant', '31.1.2026', { $stored: { type: 'text', value: '31.1.2026' } }],
    ['json', '{"a":[1,null]}', { a: [1, null] }],
    ['json', '{ "a": 1 }', { $stored: { type: 'text', value: '{ "a": 1 }' } }],
    ['json', '12345678901234567890', { $stored: { type: 'text', value: '12345678901234567890' } }],
    ['json', '{"$stored":1}', { $stored: { type: 'text', value: '{"$stored":1}' } }],
    ['blob', Buffer.from([0, 1, 255]), 'AAH/'],
    ['any', 1, { $stored: { type: 'real', value: '1' } }],
    ['any', 1.5, 1.5],
    ['text', '', ''],
  ])('of %s %o is %o', (kind, value, canonical) => {
    expect(encodeValue(kind, value)).toEqual(canonical);
  });

  it('that is none is refused', () => {
    expect(() => decodeValue('integer', 'x')).toThrow(RangeError);
    expect(() => decodeValue('integer', { $redacted: true })).toThrow(RangeError);
    expect(() => decodeValue('decimal', '12.50')).toThrow(RangeError);
  });
});
