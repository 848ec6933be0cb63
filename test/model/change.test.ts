import { describe, expect, it } from 'vitest';
import { diffImages } from '../../src/model/change';

describe('the fields that differ between two images', () => {
  it.each<[string, unknown, unknown, boolean]>([
    ['the same JSON', { a: [1, { b: null }] }, { a: [1, { b: null }] }, false],
    ['another order of keys, which is other bytes', { a: 1, b: 2 }, { b: 2, a: 1 }, true],
    ['null and a value', null, 0, true],
    ['a value and its text', 1, '1', true],
    ['two redacted values of which one changed', { $redacted: true }, { $redacted: true, changed: true }, true],
  ])('%s', (_name, before, after, differs) => {
    const changes = diffImages({ field: before }, { field: after });
    expect(changes).toEqual(differs ? [{ field: 'field', before, after }] : []);
  });

  it('are those with a value where there is only one image', () => {
    expect(diffImages(null, { a: 1, b: null })).toEqual([{ field: 'a', before: null, after: 1 }]);
    expect(diffImages({ a: 1, b: null }, null)).toEqual([{ field: 'a', before: 1, after: null }]);
  });
});
