import { expect, it } from 'vitest';
import { decodeValue, encodeValue, sameStored } from '../../src/model/codec';
import type { ColumnKind, MappedColumn } from '../../src/model/table-map';
import { storedValue, TriggerImage } from '../../src/model/trigger-image';

const canonical = (columns: Partial<MappedColumn>[], values: Record<string, string>) =>
  JSON.parse(
    new TriggerImage({
      entity: 'E',
      table: 'e',
      columns: columns.map((column, place) => ({ name: `c${place}`, property: `p${place}`, kind: 'text', ...column })),
    }).toCanonical(JSON.stringify(values)),
  ) as Record<string, unknown>;

const one = (kind: ColumnKind, text: string) => canonical([{ kind }], { 0: text })['p0'];

it.each<[ColumnKind, string, unknown]>([
  ['integer', '-7', -7],
  ['integer', '9007199254740993', encodeValue('integer', 9007199254740993n)],
  ['bigint', '9007199254740993', '9007199254740993'],
  ['decimal', '12.50', '12.5'],
  ['decimal', '100', '100'],
  ['decimal', '-0.00', '0'],
  ['decimal', '12345678901234567890.1234567800', '12345678901234567890.12345678'],
  ['real', '1.0000000000000001e-001', 0.1],
  ['real', '-0.0000000000000000e+000', encodeValue('real', -0)],
  ['boolean', '1', true],
  ['boolean', '0', false],
  ['instant', '2026-01-31 12:00:00.1234567', '2026-01-31T12:00:00.1234567Z'],
  ['blob', '00FF10', 'AP8Q'],
  ['json', '{"b":1,"a":[2]}', { b: 1, a: [2] }],
  ['json', '{ "b": 1 }', { $stored: { type: 'text', value: '{ "b": 1 }' } }],
  ['text', 'trailing  ', 'trailing  '],
])('%s %s is %j', (kind, text, expected) => {
  expect(one(kind, text)).toEqual(expected);
  // Whoever compares a row with the trail has the value itself.
  const value = storedValue(kind, text);
  expect(encodeValue(kind, value)).toEqual(expected);
  expect(sameStored(decodeValue(kind, expected), value)).toBe(true);
});

it('takes what is not there for null, and says of a redacted column only that it changed', () => {
  const columns = [{}, { redacted: true as const }, { redacted: true as const }];
  expect(canonical(columns, { 2: '1' })).toEqual({
    p0: null,
    p1: { $redacted: true },
    p2: { $redacted: true, changed: true },
  });
});
