import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSurelyCanonicalJson } from '../../src/model/canonical-json';
import { diffImages, entityIdOf } from '../../src/model/change';
import type { Image } from '../../src/model/image';
import { ChangeText } from '../../src/model/change-text';
import { ImageText } from '../../src/model/image-text';
import { InvalidText, type StoredValue } from '../../src/model/stored-value';
import type { ColumnKind, MappedColumn, TableMap } from '../../src/model/table-map';
import { changesNothing, describeChange, type StoredRow } from './described-change';

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
  fc.constantFrom(0, -0, 1, 1.5, 1e21, Infinity),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.uint8Array().map((bytes) => new InvalidText(Buffer.from([...bytes, 0xff]))),
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

const property = fc.oneof(
  fc.constantFrom('id', 'name', 'address.city', '__proto__', 'constructor', '10', '2', '007', '', 'a "b"', 'é'),
  fc.string(),
);

/** Any map, a row before, and a row after that has some of its values. */
const change = fc
  .uniqueArray(property, { minLength: 1, maxLength: 8 })
  .chain((properties) =>
    fc.record({
      columns: fc.tuple(
        ...properties.map((name) =>
          fc
            .record({ kind: fc.constantFrom(...kinds), key: fc.boolean(), redacted: fc.boolean() })
            .map(({ kind, key, redacted }): MappedColumn => ({
              name,
              property: name,
              kind,
              ...(key && { primary: true as const }),
              ...(redacted && { redacted: true as const }),
            })),
        ),
      ),
      before: fc.tuple(...properties.map(() => stored)),
      after: fc.tuple(...properties.map(() => fc.option(stored, { nil: undefined }))),
      deleteDate: fc.option(fc.constantFrom(...properties, 'gone'), { nil: undefined }),
      discriminator: fc.option(fc.constantFrom(...properties, 'gone'), { nil: undefined }),
      junction: fc.boolean(),
      operation: fc.constantFrom('insert', 'update', 'delete'),
    }),
  )
  .map(({ columns, before, after, deleteDate, discriminator, junction, operation }) => {
    const entities = { a: 'A', null: 'N', undefined: 'U', '1': 'One' };
    const map: TableMap = {
      entity: 'Thing',
      table: 'thing',
      columns,
      ...(deleteDate !== undefined && { deleteDate }),
      ...(discriminator !== undefined && { discriminator: { property: discriminator, entities } }),
      ...(junction && { junction: true }),
    };
    const old = columns.map(({ redacted }, index) => (redacted ? null : before[index]!));
    const now = columns.map(({ redacted }, index): StoredValue => {
      const value = after[index];
      if (redacted) return operation === 'update' && value !== undefined ? 1n : null;
      return value === undefined ? old[index]! : value;
    });
    return { map, before: operation === 'insert' ? null : old, after: operation === 'delete' ? null : now };
  });

function asRow(map: TableMap, values: readonly StoredValue[] | null): StoredRow | null {
  if (!values) return null;
  const row = Object.create(null) as StoredRow;
  for (const [index, { property }] of map.columns.entries()) row[property] = values[index]!;
  return row;
}

function previousId(map: TableMap, before: Image | null, after: Image | null): string | null {
  if (!before || !after || entityIdOf(map, before) === entityIdOf(map, after)) return null;
  return entityIdOf(map, before);
}

describe('ChangeText', () => {
  it('writes exactly the text of what the images of a change say', () => {
    fc.assert(
      fc.property(change, ({ map, before, after }) => {
        const rows = { before: asRow(map, before), after: asRow(map, after) };
        const described = describeChange(map, rows);
        const expected = changesNothing(map, rows)
          ? undefined
          : {
              ...described,
              before: described.before && JSON.stringify(described.before),
              after: described.after && JSON.stringify(described.after),
              fields: JSON.stringify(diffImages(described.before, described.after).map(({ field }) => field)),
              movedFrom: previousId(map, described.before, described.after),
            };
        expect(new ChangeText(map).write({ before, after })).toEqual(expected);
      }),
      { numRuns: 5000 },
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
