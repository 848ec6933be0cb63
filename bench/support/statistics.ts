/** The middle of several measurements and how far they spread. */
export interface Spread {
  median: number;
  /** First and third quartile. */
  q1: number;
  q3: number;
  count: number;
}

/** By linear interpolation between the two values on either side; `fraction` from 0 to 1. @throws RangeError for no values */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * fraction;
  const low = sorted[Math.floor(position)];
  const high = sorted[Math.ceil(position)];
  if (low === undefined || high === undefined) throw new RangeError('There are no values.');
  return low + (high - low) * (position - Math.floor(position));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    median: median(values),
    q1: quantile(values, 0.25),
    q3: quantile(values, 0.75),
    count: values.length,
  };
}

/**
 * The ratio of two contestants that took turns: round by round, so that what slows both down cancels out.
 * @param whole what 1 is shown as: 100 for percent
 * @throws RangeError where they have not the same number of rounds
 */
export function ratioOf(values: readonly number[], base: readonly number[], whole = 1): Spread {
  if (values.length !== base.length) throw new RangeError(`${values.length} rounds against ${base.length}.`);
  return spreadOf(values.map((value, round) => (whole * value) / base[round]!));
}

/** Names of the figures that are not finite numbers, wherever they are in a structure. */
export function notFinite(figures: unknown, path = 'figures'): string[] {
  if (typeof figures === 'number') return Number.isFinite(figures) ? [] : [path];
  if (typeof figures !== 'object' || figures === null) return [];
  return Object.entries(figures).flatMap(([name, value]) => notFinite(value, `${path}.${name}`));
}
