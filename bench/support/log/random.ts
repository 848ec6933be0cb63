/** Numbers that are the same for the same seed (mulberry32), in [0, 1). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How often each of several things occurs: all alike, or each the less the further behind it is (Zipf's law). */
export type Distribution = 'even' | 'skewed';

/** Draws a whole number below `count`. */
export function drawer(count: number, distribution: Distribution, random: () => number): () => number {
  if (distribution === 'even') return () => Math.floor(random() * count);
  const sums: number[] = [];
  let sum = 0;
  for (let rank = 1; rank <= count; rank += 1) sums.push((sum += 1 / rank));
  return () => {
    const wanted = random() * sum;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
