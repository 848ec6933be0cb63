import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSurelyCanonicalJson } from '../../src/model/canonical-json';
import { describeChange, diffImages } from '../../src/model/change';
import { ImageText } from '../../src/model/image-text';
import type { StoredValue } from '../../src/model/stored-value';
import type { ColumnKind, TableMap } from '../../src/model/table-map';

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
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.json(),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.constantFrom('null', '-0', '1.50', ' 1', '[1, 2]', '{"a":1,"a":2}', '{"2":1,"1":2}', '{"$x":1}', '"\\u0041"', ''),
  fc.constantFrom('2026-01-31 12:00:00.120', '2026-01-31T12:00:00Z', '{"__proto__":1}', '[1e21]', '[0.1,-5,1e+21]'),
);
const stored: fc.Arbitrary<StoredValue> = fc.oneof(
  fc.constant(null),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.integer({ min: -2, max: 2 }).map(BigInt),
  fc.double({ noNaN: true }),
  text,
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
);

const mapOf = (keys: number): TableMap => ({
  entity: 'Thing',
  table: 'thing',
  columns: kinds.map((kind, index) => ({
    name: `c${index}`,
    property: `p.${index} "x"`,
    kind,
    ...(index < keys && { primary: true as const }),
    ...(index === 8 && { redacted: true as const }),
  })),
  discriminator: { property: 'p.5 "x"', entities: { a: 'ThingA' } },
});

describe('ImageText', () => {
  it('writes exactly the text of the image that a captured insert of the row gets', () => {
    fc.assert(
      fc.property(
        fc.array(stored, { minLength: kinds.length, maxLength: kinds.length }),
        fc.constantFrom(1, 2),
        (row, keys) => {
          const map = mapOf(keys);
          const after = Object.fromEntries(map.columns.map(({ property }, index) => [property, row[index]!]));
          const described = describeChange(map, { before: null, after: after });
          expect(new ImageText(map).write(row)).toEqual({
            entity: described.entity,
            entityId: described.entityId,
            image: JSON.stringify(described.after),
            fields: JSON.stringify(diffImages(null, described.after).map(({ field }) => field)),
          });
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('isSurelyCanonicalJson', () => {
  it('never says so of a text that JSON.stringify would write in another way', () => {
    fc.assert(
      fc.property(text, (candidate) => {
        if (isSurelyCanonicalJson(candidate)) expect(JSON.stringify(JSON.parse(candidate))).toBe(candidate);
      }),
      { numRuns: 10_000 },
    );
  });

  it.each(['{"a":1,"b":[true,null,"x y"],"c":{"d":1.5,"e":{}},"f":[]}', '"text"', '[]', '12'])('knows %s', (json) => {
    expect(isSurelyCanonicalJson(json)).toBe(true);
  });

  it.each([
    ['an escape', '{"a":"\\u0041"}'],
    ['white space', '{"a": 1}'],
    ['a key twice', '{"a":1,"a":2}'],
    ['keys that are numbers', '{"b":1,"1":2}'],
    ['a mark', '{"$redacted":true}'],
    ['a number written otherwise', '[1.0]'],
    ['minus zero', '[-0]'],
    ['a comma at the end', '[1,]'],
    ['an open end', '{"a":1'],
    ['something behind it', '{}x'],
    ['an integer that is rounded', '12345678901234567890'],
    ['nothing', ''],
  ])('is not sure of %s', (_name, json) => {
    expect(isSurelyCanonicalJson(json)).toBe(false);
  });
});
