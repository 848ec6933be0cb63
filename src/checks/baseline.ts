import type { Engine } from '../dialect/engine';
import type { StoredValue } from '../model/stored-value';
import { timeOrderedId } from '../model/time-ordered-id';
import type { BaselineReport, CheckOptions } from '../reports';
import type { CheckedTable } from './checked-tables';
import { chunkBytes, CheckRun, type CheckTools } from './check-run';

/**
 * Writes a `baseline` entry for every row that has no entry yet.
 *
 * A chunk is one transaction, in which the outbox is empty: the entry comes after every change that was recorded before
 * it, and the image is that of this very place in the log. Whether a row has an entry is looked up in the same
 * transaction, so nothing has to be kept to go on after a crash, and nothing comes twice, whoever else is at work.
 */
export async function recordBaseline(tools: CheckTools, options: CheckOptions): Promise<BaselineReport> {
  const run = new CheckRun('the baseline', tools, options);
  const report: BaselineReport = { tables: [], rows: 0, recorded: 0, skipped: run.skipped, durationMs: 0 };
  for (const name of await run.begin((engine, { keyed }) => run.rows.count(engine, keyed.table))) {
    const counts = { table: name, rows: 0, recorded: 0 };
    const known = new KnownRows(run);
    let after: StoredValue[] | undefined;
    let isMore = true;
    while (isMore) {
      const chunk = await run.turn(name, (engine, table) => recordChunk(run, engine, table, after, known));
      if (!chunk) break;
      counts.rows += chunk.rows;
      counts.recorded += chunk.recorded;
      after = chunk.next;
      isMore = after !== undefined;
      run.progress(name, chunk.rows);
    }
    if (isMore) continue;
    report.tables.push(counts);
    report.rows += counts.rows;
    report.recorded += counts.recorded;
  }
  return { ...report, durationMs: run.durationMs };
}

function recordChunk(
  run: CheckRun,
  engine: Engine,
  table: CheckedTable,
  after: StoredValue[] | undefined,
  known: KnownRows,
): { rows: number; recorded: number; next: StoredValue[] | undefined } {
  const { rows, next } = run.rows.read(engine, table.keyed, after, run.chunkSize, chunkBytes);
  const isKnown = known.among(engine, table, rows);
  const unknown = rows.filter((_, index) => !isKnown(index)).map((row) => table.text.write(row));
  const { context, tools } = run;
  if (unknown.length > 0) {
    const common = { transactionId: timeOrderedId(), table: table.map.table, operation: 'baseline', context } as const;
    tools.writer.writeAlike(engine, { ...common, schemaVersion: table.mapId, recordedAt: Date.now() }, unknown);
  }
  known.note(engine);
  if (!next) tools.capture.meta.noteBaseline(engine, table.map.table);
  return { rows: rows.length, recorded: unknown.length, next };
}

/**
 * Which rows have an entry. A table that had none at all, in a log to which nobody but this run has added since, needs
 * no look at each row; that is the case on the first day, when the most rows are to be recorded.
 */
class KnownRows {
  private isEmpty: boolean | undefined;
  private newest = 0;

  constructor(private readonly run: CheckRun) {}

  among(engine: Engine, table: CheckedTable, rows: StoredValue[][]): (index: number) => boolean {
    const { images } = this.run;
    this.isEmpty ??= !images.hasEntries(engine, table.names.entities);
    if (this.newest > 0 && images.newestEntry(engine) !== this.newest) this.isEmpty = false;
    if (this.isEmpty) return () => false;
    const ids = rows.map((row) => table.text.entityId(row));
    const known = images.known(engine, table.names, ids);
    return (index) => known.has(ids[index]!);
  }

  /** Remembers how far the log goes when this chunk is committed. */
  note(engine: Engine): void {
    this.newest = this.run.images.newestEntry(engine);
  }
}
