/** Rows of a flow have the keys `owner * 10` to `owner * 10 + 8`. */
const slots = 10;

/** A slot that no row ever has, for references to nowhere. */
export const nowhere = 9;

export function keyOf(owner: number, slot: number): number {
  return owner * slots + slot;
}

export function ownerOf(key: number): number {
  return Math.floor(key / slots);
}
