import type { StoredValue } from '../model/stored-value';
import type { BaselineReport, CheckOptions } from '../reports';
import { CheckRun } from './check-run';
import type { CheckTools } from './check-tools';

/** A part of a table of which every row has an entry now. */
export interface BaselineChunk {
  /** Rows looked at. */
  rows: number;
  /** Entries written. */
  recorded: number;
  /** Key of the last row; undefined where the table ended, which is noted with the last of its entries. */
  next: StoredValue[] | undefined;
}

export interface BaselineTools extends CheckTools {
  /** Writes what is missing behind a key, in one transaction; undefined where the table can't be looked at. */
  recordChunk(run: CheckRun, table: string, after: StoredValue[] | undefined): Promise<BaselineChunk | undefined>;
}

/**
 * Writes a `baseline` entry for every row that has no entry yet, chunk by chunk. Whether a row has an entry is looked up
 * in the transaction that writes one, so nothing has to be kept to go on after a crash, and nothing comes twice, whoever
 * else is at work.
 */
export async function recordBaseline(tools: BaselineTools, options: CheckOptions): Promise<BaselineReport> {
  const run = new CheckRun(tools, options);
  const report: BaselineReport = { tables: [], rows: 0, recorded: 0, skipped: run.skipped, durationMs: 0 };
  for (const name of await run.begin((engine, { keyed }) => run.rows.count(engine, keyed.table))) {
    const counts = { table: name, rows: 0, recorded: 0 };
    let after: StoredValue[] | undefined;
    let isMore = true;
    while (isMore) {
      const chunk = await tools.recordChunk(run, name, after);
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
