import { describe, expect, it } from 'vitest';
import { timeOrderedId } from '../../src/model/time-ordered-id';

describe('timeOrderedId', () => {
  it('is a UUID of version 7 that begins with its instant', () => {
    const at = Date.UTC(2026, 10, 21, 12);
    const id = timeOrderedId(at);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(at);
    expect(timeOrderedId(at)).not.toBe(id);
  });

  it('sorts by time, from the first instant on', () => {
    const ids = [0, 1, 255, 1_700_000_000_000, 1_700_000_000_001].map((at) => timeOrderedId(at));
    expect([...ids].sort()).toEqual(ids);
  });
});
