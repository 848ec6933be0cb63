import type { Random } from '../crash/random';
import { formulas, type KnownCalculation } from './calculation-book';

export const paths = { user_calculation: '/calculations', system_calculation: '/system-calculations' };

/** What a client has before it when it chooses its next request. */
export interface Desk {
  /** Of the client, and of its user calculations. */
  name: string;
  random: Random;
  calculations: Set<KnownCalculation>;
  /** A number not used before. */
  next(): number;
}

/** Always another value than before: a change that changes nothing leaves no entry. */
export function newFormula(random: Random, isSystem: boolean): Pick<KnownCalculation, 'formula' | 'inputs'> {
  if (isSystem || random.chance(0.5))
    return { formula: formulas.plain, inputs: { a: random.next(), b: random.whole(-9, 9) } };
  return { formula: formulas.shared, inputs: { net: random.next() * 1000 } };
}

export function ownedBy({ calculations }: Desk, owner: string): KnownCalculation[] {
  return [...calculations].filter(
    (known) => known.owner === owner && known.table === 'user_calculation' && !known.isDeleted,
  );
}

export function pick(
  { random, calculations }: Desk,
  suits: (known: KnownCalculation) => boolean,
): KnownCalculation | undefined {
  const suitable = [...calculations].filter(suits);
  return suitable.length > 0 ? random.pick(suitable) : undefined;
}

export function pathOf({ table, id }: KnownCalculation): string {
  return `${paths[table]}/${id}`;
}
