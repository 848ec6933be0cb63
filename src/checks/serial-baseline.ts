import type { Engine } from '../dialect/engine';
import type { StoredValue } from '../model/stored-value';
import { timeOrderedId } from '../model/time-ordered-id';
import type { EntryWriter } from '../store/entry-writer';
import type { RecordedSource } from '../store/recorded-rows';
import type { BaselineChunk } from './baseline';
import type { CheckedTable } from './checked-table';
import { chunkBytes, type CheckRun } from './check-run';

/**
 * A baseline over a connection that is alone while it writes: a chunk is one transaction, in which the outbox is empty.
 * The entry comes after every change that was recorded before it, and the image is that of this very place in the log.
 */
export class SerialBaseline {
  private known: KnownRows | undefined;

  constructor(
    private readonly writer: EntryWriter,
    private readonly recorded: RecordedSource,
  ) {}

  recordChunk(run: CheckRun, name: string, after: StoredValue[] | undefined): Promise<BaselineChunk | undefined> {
    if (after === undefined) this.known = new KnownRows(this.recorded);
    return run.turn(name, (engine, table) => this.record(run, engine, table, after, this.known!));
  }

  private record(
    run: CheckRun,
    engine: Engine,
    table: CheckedTable,
    after: StoredValue[] | undefined,
    known: KnownRows,
  ): BaselineChunk {
    const { rows, next } = run.rows.read(engine, table.keyed, after, run.chunkSize, chunkBytes);
    const isKnown = known.among(engine, table, rows);
    const unknown = rows.filter((_, index) => !isKnown(index)).map((row) => table.text.write(row));
    const { context } = run;
    if (unknown.length > 0) {
      const common = {
        transactionId: timeOrderedId(),
        table: table.map.table,
        operation: 'baseline',
        context,
      } as const;
      this.writer.writeAlike(engine, { ...common, schemaVersion: table.mapId, recordedAt: Date.now() }, unknown);
    }
    known.note(engine);
    if (!next) run.tools.meta.noteBaseline(engine, table.map.table);
    return { rows: rows.length, recorded: unknown.length, next };
  }
}

/**
 * Which rows have an entry. A table that had none at all, in a log to which nobody but this run has added since, needs
 * no look at each row; that is the case on the first day, when the most rows are to be recorded.
 */
class KnownRows {
  private isEmpty: boolean | undefined;
  private newest = 0;

  constructor(private readonly recorded: RecordedSource) {}

  among(engine: Engine, table: CheckedTable, rows: StoredValue[][]): (index: number) => boolean {
    const { recorded } = this;
    this.isEmpty ??= !recorded.hasEntries(engine, table.names.entities);
    if (this.newest > 0 && recorded.newestEntry(engine) !== this.newest) this.isEmpty = false;
    if (this.isEmpty) return () => false;
    const ids = rows.map((row) => table.text.entityId(row));
    const known = recorded.known(engine, table.names, ids);
    return (index) => known.has(ids[index]!);
  }

  /** Remembers how far the log goes when this chunk is committed. */
  note(engine: Engine): void {
    this.newest = this.recorded.newestEntry(engine);
  }
}
