import { describe, expect, it } from 'vitest';
import { SlicePace } from '../../src/batching/slice-pace';

/** Slices of rows that cost so much each, until the pace has settled. */
function settled(msPerRow: number, sharedAt?: number): number {
  const pace = new SlicePace();
  if (sharedAt !== undefined) pace.shared(sharedAt);
  for (let slice = 0; slice < 50; slice += 1) {
    const { rows } = pace.limits(0);
    pace.took(rows * msPerRow, rows);
  }
  return pace.limits(0).rows * msPerRow;
}

describe('the pace of the drain', () => {
  it('keeps a slice to a few milliseconds, whatever a row costs', () => {
    for (const msPerRow of [0.005, 0.02, 0.07]) {
      expect(settled(msPerRow)).toBeGreaterThan(5);
      expect(settled(msPerRow)).toBeLessThanOrEqual(8.1);
    }
  });

  it('takes less while somebody else uses the connection, and more again when nobody does', () => {
    expect(settled(0.02, 0)).toBeLessThanOrEqual(4.1);
    expect(settled(0.02, -1000)).toBeGreaterThan(5);
  });

  it('goes on where rows are slow, and has a limit where they are fast', () => {
    expect(settled(1)).toBe(100);
    expect(settled(0.00001)).toBe(0.04);
  });

  it('does not fall back for one slow slice', () => {
    const pace = new SlicePace();
    for (let slice = 0; slice < 50; slice += 1) pace.took(20, 1000);
    const { rows } = pace.limits(0);
    pace.took(50, 400);
    expect(pace.limits(0).rows).toBeGreaterThan(rows / 3);
  });
});
