import { AuditError } from '../errors';

export interface BlockCopy<Item, Place> {
  /** Items behind a place, in order; none at the end. */
  read(after: Place): Promise<readonly Item[]>;
  placeOf(item: Item): Place;
  /** Writes items, all of them or none. */
  write(items: readonly Item[]): Promise<void>;
  onCopied(items: readonly Item[]): void;
}

/** Takes what is behind a place over, block by block: the next one is read while this one is written. */
export async function copyBlocks<Item, Place>(start: Place, copy: BlockCopy<Item, Place>): Promise<void> {
  for (let reading = copy.read(start); ;) {
    const items = await reading;
    if (items.length === 0) return;
    reading = copy.read(copy.placeOf(items.at(-1)!));
    // Where writing fails, nobody waits for it.
    reading.catch(() => undefined);
    await writeInHalves(items, (part) => copy.write(part));
    copy.onCopied(items);
  }
}

/** A block that the database does not take is tried again in halves: it may be too much for it at a time. */
async function writeInHalves<Item>(
  items: readonly Item[],
  write: (part: readonly Item[]) => Promise<void>,
): Promise<void> {
  try {
    await write(items);
  } catch (error) {
    if (error instanceof AuditError || items.length === 1) throw error;
    const half = Math.ceil(items.length / 2);
    await writeInHalves(items.slice(0, half), write);
    await writeInHalves(items.slice(half), write);
  }
}
