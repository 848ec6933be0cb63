import type { Engine } from '../dialect/engine';
import type { EntryWriter } from '../store/entry-writer';
import type { Outbox } from '../store/outbox';
import type { BrokenRecord } from '../store/pending-record';
import type { Quarantine } from '../store/quarantine';
import { toEntries } from './to-entry';

/** How much of the outbox one slice takes at most; always at least one record. */
export interface SliceLimits {
  rows: number;
  /** Bytes of values, about. */
  bytes: number;
}

/** What one slice did. */
export interface Slice {
  /** Entries written. */
  entries: number;
  /** Outbox rows they were in. */
  rows: number;
  /** Outbox rows that are left. */
  left: number;
  /** Highest outbox id that is done; null when the outbox was empty. */
  upTo: number | null;
  /** Records that were set aside. */
  broken: readonly BrokenRecord[];
}

export const emptySlice: Slice = { entries: 0, rows: 0, left: 0, upTo: null, broken: [] };

/** Turns the oldest outbox rows into entries, within the transaction of its caller. */
export class SliceDrain {
  constructor(
    private readonly outbox: Outbox,
    private readonly writer: EntryWriter,
    private readonly quarantine: Quarantine,
  ) {}

  run(engine: Engine, { rows, bytes }: SliceLimits): Slice {
    const batch = this.outbox.read(engine, rows, bytes);
    if (!batch) return emptySlice;
    const { entries, broken } = toEntries(batch.records);
    const at = Date.now();
    for (const record of broken) this.quarantine.add(engine, record, at);
    this.writer.writeRows(engine, entries);
    this.outbox.deleteUpTo(engine, batch.upTo);
    const { upTo, rows: done } = batch;
    return { entries: entries.length, rows: done, left: this.outbox.pending(engine).rows, upTo, broken };
  }
}
