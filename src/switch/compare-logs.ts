import { EntryDigest, entryText, type PortableEntry } from '../model/portable-entry';
import type { PortableReader } from '../store/portable-rows';
import { block, type LogSide } from './log-side';

/** Entries of one block of the comparison. */
export const entriesOfDigest = 10_000;

/** Digests of so many entries, in the order of the log, on both sides. */
export interface BlockDigest {
  entries: number;
  from: string;
  to: string;
}

export interface Comparison {
  /** Entries that both have. */
  entries: number;
  /** Of all of these, the source's. */
  digest: string;
  blocks: BlockDigest[];
  /** The first entry that is not the same on both sides, as text; null where there is none. */
  difference: string | null;
  /** Entries of one side behind all of the other's. */
  onlyFrom: number;
  onlyTo: number;
}

/** Walks through two logs side by side, from the beginning to the end of the shorter one. */
export async function compareLogs(
  from: LogSide,
  to: LogSide,
  onProgress: (done: number) => void = () => undefined,
): Promise<Comparison> {
  const whole = new EntryDigest();
  const result: Comparison = { entries: 0, digest: '', blocks: [], difference: null, onlyFrom: 0, onlyTo: 0 };
  const [left, right] = [entriesOf(from.reader()), entriesOf(to.reader())];
  let digests = { from: new EntryDigest(), to: new EntryDigest() };
  const endBlock = () => {
    const { count } = digests.from;
    if (count > 0) result.blocks.push({ entries: count, from: digests.from.value(), to: digests.to.value() });
    digests = { from: new EntryDigest(), to: new EntryDigest() };
    onProgress(result.entries);
  };
  for (;;) {
    const [a, b] = [await left.next(), await right.next()];
    if (a.done || b.done) break;
    const [fromText, toText] = [entryText(a.value), entryText(b.value)];
    digests.from.add(fromText);
    digests.to.add(toText);
    whole.add(fromText);
    result.entries += 1;
    if (fromText !== toText) result.difference ??= describe(a.value, b.value);
    if (digests.from.count === entriesOfDigest) endBlock();
  }
  endBlock();
  result.digest = whole.value();
  result.onlyFrom = (await from.extent()).entries - result.entries;
  result.onlyTo = (await to.extent()).entries - result.entries;
  return result;
}

async function* entriesOf(reader: PortableReader): AsyncGenerator<PortableEntry, undefined> {
  for (let last = 0; ;) {
    const entries = await reader.next(last, block);
    if (entries.length === 0) return undefined;
    yield* entries;
    last = entries.at(-1)!.id;
  }
}

function describe(from: PortableEntry, to: PortableEntry): string {
  const name = ({ id, logId, seq }: PortableEntry) => `entry ${id} (number ${seq} of log ${logId})`;
  return `${name(from)} of the source is not ${name(to)} of the target`;
}
