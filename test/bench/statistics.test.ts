import { describe, expect, it } from 'vitest';
import { median, notFinite, quantile, ratioOf, spreadOf } from '../../bench/support/statistics';

describe('statistics of the bench', () => {
  it('takes the middle value, or the mean of the two in the middle, in whatever order they come', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 1, 9, 2])).toBe(5.5);
    expect(median([7])).toBe(7);
  });

  it('interpolates between two values', () => {
    expect(quantile([10, 20, 30, 40, 50], 0.25)).toBe(20);
    expect(quantile([10, 20], 0.75)).toBe(17.5);
    expect(quantile([1, 2, 100], 1)).toBe(100);
  });

  it('sorts numbers as numbers and leaves the list as it is', () => {
    const values = [100, 9, 20];
    expect(spreadOf(values)).toEqual({ median: 20, q1: 14.5, q3: 60, count: 3 });
    expect(values).toEqual([100, 9, 20]);
  });

  it('divides round by round, so that a slow round of both does not count', () => {
    expect(ratioOf([2, 20, 200], [1, 10, 100])).toEqual({ median: 2, q1: 2, q3: 2, count: 3 });
    expect(ratioOf([1, 3], [4, 4], 100).median).toBe(50);
  });

  it('refuses to make a figure of nothing, or of rounds that are no pairs', () => {
    expect(() => median([])).toThrow(RangeError);
    expect(() => ratioOf([1, 2], [1])).toThrow(RangeError);
  });

  it('finds what is no number in a structure, and only that', () => {
    const figures = { fine: 1, text: 'NaN', none: null, list: [{ ratio: 0 / 0 }, { ratio: 1 / 0 }] };
    expect(notFinite(figures)).toEqual(['figures.list.0.ratio', 'figures.list.1.ratio']);
  });
});
