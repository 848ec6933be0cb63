import type { Engine } from '../dialect/engine';
import type { StoredValue } from '../model/stored-value';
import { timeOrderedId } from '../model/time-ordered-id';
import type { DoctorOptions, DoctorReport } from '../reports';
import type { NewEntry } from '../store/entry-writer';
import type { CheckedTable } from './checked-table';
import { chunkBytes, CheckRun, wholeNumber } from './check-run';
import type { CheckTools } from './check-tools';
import { compareRow, type Finding, toReconcileEntry } from './compare-row';
import { findMissing, type IdPlace } from './find-missing';
import { type FindingChunk, Findings } from './findings';

type Look<Place> = (engine: Engine, table: CheckedTable, from: Place | undefined) => FindingChunk<Place>;

const limits = { default: 1000, least: 0, most: 100_000 } as const;

/**
 * Compares every live row with the last image in the trail, then every row in the trail with the table.
 *
 * What differs in a chunk was changed by somebody whom no capture saw, and not by the application a moment ago: that is
 * for the turns to make sure of. With `accept` it is recorded in the transaction that is sure of it.
 */
export async function examine(tools: CheckTools, options: DoctorOptions): Promise<DoctorReport> {
  return new Examination(tools, options).report();
}

class Examination {
  private readonly run: CheckRun;
  private readonly findings: Findings;
  private readonly accepts: boolean;

  constructor(tools: CheckTools, options: DoctorOptions) {
    this.run = new CheckRun(tools, options);
    this.findings = new Findings(wholeNumber('limit', options.limit, limits));
    this.accepts = options.accept ?? false;
  }

  async report(): Promise<DoctorReport> {
    const { run, findings } = this;
    const tables: DoctorReport['tables'] = [];
    const notCompared: DoctorReport['notCompared'] = [];
    const entities = new Set<string>();
    const names = await run.begin((engine, { keyed, names }) => {
      for (const entity of names.entities) entities.add(entity);
      return run.rows.count(engine, keyed.table);
    });
    await run.expect(() => run.tools.countEntries([...entities]));
    for (const name of names) {
      const before = findings.total;
      const table = await run.turn(name, (_, found) => found);
      const rows =
        table && (await this.scan<StoredValue[]>(name, (engine, now, from) => this.compareChunk(engine, now, from)));
      if (rows === undefined) continue;
      for (const entity of table!.names.entities) {
        await this.scan<IdPlace>(name, (engine, now, from) => findMissing(run, engine, now, entity, from));
      }
      tables.push({ table: name, rows, differences: findings.total - before });
      notCompared.push(...table!.notCompared.map((column) => ({ table: name, ...column })));
    }
    const quarantined = await run.tools.quarantined(this.findings.limit);
    return {
      tables,
      rows: tables.reduce((sum, { rows }) => sum + rows, 0),
      counts: findings.counts,
      differences: findings.listed,
      accepted: this.accepts ? findings.total : 0,
      notCompared,
      quarantined,
      skipped: run.skipped,
      durationMs: run.durationMs,
    };
  }

  /** Goes through a table chunk by chunk; rows looked at, undefined where the table can't be looked at. */
  private async scan<Place>(name: string, look: Look<Place>): Promise<number | undefined> {
    let rows = 0;
    let from: Place | undefined;
    do {
      const chunk = await this.run.examine<FindingChunk<Place>>(
        name,
        (engine, table) => look(engine, table, from),
        this.accepts ? (found) => this.toEntries(found) : undefined,
      );
      if (!chunk) return undefined;
      this.findings.add(chunk.findings);
      rows += chunk.rows;
      this.run.progress(name, chunk.rows);
      from = chunk.next;
    } while (from !== undefined);
    return rows;
  }

  private compareChunk(
    engine: Engine,
    table: CheckedTable,
    after: StoredValue[] | undefined,
  ): FindingChunk<StoredValue[]> {
    const { run } = this;
    const { rows, next } = run.rows.read(engine, table.keyed, after, run.chunkSize, chunkBytes);
    const ids = rows.map((row) => table.text.entityId(row));
    const { images } = run.images.last(engine, table.names, ids);
    const lastOf = new Map(images.map((image) => [image.askedId, image]));
    const { meta } = run.tools;
    const hasBaseline = table.names.tables.some((name) => meta.hasBaseline(engine, name));
    const findings = rows
      .map((row, index) => {
        const last = lastOf.get(ids[index]!);
        return compareRow(table, row, last && { ...last, map: run.mapOf(engine, table, last.mapId) }, hasBaseline);
      })
      .filter((finding) => finding !== undefined);
    return { keyed: table.keyed, rows: rows.length, findings, next };
  }

  private toEntries(findings: readonly Finding[]): NewEntry[] {
    const common = { transactionId: timeOrderedId(), context: this.run.context, recordedAt: Date.now() };
    return findings.map((finding) => toReconcileEntry(finding, common));
  }
}
