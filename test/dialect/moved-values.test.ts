import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namedAlike, normal, plain } from '../../src/dialect/mssql/moved-values';
import { ExactDecimal } from '../../src/model/stored-value';

/** What TypeORM makes of an instant in SQLite, in the words of its driver. */
function readByTypeOrm(stored: string): string {
  let text = stored;
  if (/^\d\d\d\d-\d\d-\d\d \d\d:\d\d/.test(text)) text = text.replace(' ', 'T');
  if (/^\d\d\d\d-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d\d\d)?)?$/.test(text)) text += 'Z';
  return new Date(text).toISOString();
}

describe('values on the way between databases', () => {
  it.each([
    ['datetime2', '2026-01-31 12:00:00.1230000', '2026-01-31 12:00:00.123', '2026-01-31 12:00:00.123'],
    ['datetime2', '2026-01-31T12:00Z', '2026-01-31 12:00:00', '2026-01-31 12:00:00.000'],
    ['datetime', '2026-01-31 12:00:00.12', '2026-01-31 12:00:00.12', '2026-01-31 12:00:00.120'],
    ['datetime2', '2026-01-31 12:00:00.1234567', '2026-01-31 12:00:00.1234567', '2026-01-31 12:00:00.1234567Z'],
    ['datetimeoffset', '2026-01-01T01:30:00.5000000+02:00', '2025-12-31 23:30:00.5', '2025-12-31 23:30:00.500'],
    ['time', '12:34:56.7000000', '12:34:56.7', '12:34:56.700'],
    ['time', '12:34', '12:34:00', '12:34:00'],
    ['uniqueidentifier', 'A0B1', 'a0b1', 'a0b1'],
    ['decimal', 1.5, '1.5', 1.5],
    ['decimal', '1.50', '1.5', 1.5],
    ['decimal', 1e-7, '0.0000001', new ExactDecimal('0.0000001')],
    ['decimal', 1.25e22, '12500000000000000000000', new ExactDecimal('12500000000000000000000')],
    [
      'numeric',
      new ExactDecimal('12345678901234567.89'),
      '12345678901234567.89',
      new ExactDecimal('12345678901234567.89'),
    ],
    ['money', 7n, '7', 7n],
    ['float', 7n, 7, 7],
    ['bigint', 9223372036854775807n, 9223372036854775807n, 9223372036854775807n],
    ['nvarchar', 'x  ', 'x  ', 'x  '],
    ['date', null, null, null],
  ] as const)('%s %s', (type, value, form, back) => {
    expect(normal({ type }, value)).toEqual(form);
    expect(plain({ type }, form)).toEqual(back);
    expect(normal({ type }, plain({ type }, form))).toEqual(form);
  });

  it.each([
    ['uniqueidentifier', '6f9619ff-8b86-d011-b42d-00c04fc964ff', true],
    ['uniqueidentifier', '6F9619FF-8B86-D011-B42D-00C04FC964FF', false],
    ['datetime2', '2026-01-31 12:00:00.120', true],
    ['datetime2', '2026-01-31 12:00:00', false],
    ['datetime2', '2026-01-31 12:00:00.1234567Z', false],
    ['time', '12:00:00', true],
    ['time', '12:00', false],
    ['datetimeoffset', '2026-01-31 12:00:00.120', false],
    ['float', 1.5, false],
  ])('entries of both databases call a row the same that has a %s %s in its key: %s', (type, value, alike) => {
    expect(namedAlike({ type })!(value)).toBe(alike);
  });

  it('texts and numbers have one form in a key', () => {
    for (const type of ['nvarchar', 'int', 'bigint', 'decimal', 'date', 'bit'])
      expect(namedAlike({ type })).toBeUndefined();
  });

  it('TypeORM reads an instant in the file as the server has it, however many digits', () => {
    const date = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(date, fc.integer({ min: 0, max: 9999 }), (instant, rest) => {
        const text = instant.toISOString();
        const server = `${text.slice(0, 10)} ${text.slice(11, 23)}${String(rest).padStart(4, '0')}`;
        const file = plain({ type: 'datetime2' }, normal({ type: 'datetime2' }, server));
        expect(readByTypeOrm(file as string)).toBe(text);
        expect(normal({ type: 'datetime2' }, file)).toBe(normal({ type: 'datetime2' }, server));
      }),
    );
  });
});
