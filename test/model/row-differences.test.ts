import { describe, expect, it } from 'vitest';
import { differingProperties } from '../../src/model/row-differences';
import type { ColumnKind, TableMap } from '../../src/model/table-map';

function differs(kind: ColumnKind, stored: string, recorded: string, isMoved: boolean): boolean {
  const map: TableMap = { entity: 'Note', table: 'note', columns: [{ name: 'value', property: 'value', kind }] };
  return differingProperties(map, [stored], { value: recorded }, map, isMoved).length > 0;
}

const forms = [
  ['instant', '2026-01-31 12:00:00.1230000', '2026-01-31T12:00:00.123Z'],
  ['instant', '2026-01-31 12:00:00.000', '2026-01-31T12:00:00Z'],
  ['text', '12:34:00.0000000', '12:34'],
  ['text', 'A0B1C2D3-0000-4000-8000-00000000000F', 'a0b1c2d3-0000-4000-8000-00000000000f'],
] as const;

describe('a value and what the trail says of it', () => {
  it.each(forms)('%s %s of another log is %s', (kind, stored, recorded) => {
    expect(differs(kind, stored, recorded, true)).toBe(false);
  });

  it.each(forms)('%s %s of this log is not %s', (kind, stored, recorded) => {
    expect(differs(kind, stored, recorded, false)).toBe(true);
  });

  it.each([
    ['instant', '2026-01-31 12:00:00.123', '2026-01-31T12:00:00.124Z'],
    ['instant', '2026-01-31 12:00:10', '2026-01-31T12:00:01Z'],
    ['text', '12:34:50', '12:34:05'],
    ['text', '100', '1'],
    ['text', 'A', 'a'],
    ['text', '1.10', '1.1'],
  ] as const)('%s %s is not %s, whichever log it is of', (kind, stored, recorded) => {
    expect(differs(kind, stored, recorded, true)).toBe(true);
  });
});
