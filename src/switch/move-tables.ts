import { performance } from 'node:perf_hooks';
import type { Reference, RowPlace } from '../dialect/table-sql';
import { SwitchDiffersError } from '../errors';
import { decodeValue, encodeValue } from '../model/codec';
import { RowsDigest } from '../model/rows-digest';
import { copyBlocks } from './copy-blocks';
import type { LogSide } from './log-side';
import type { Note } from './note';
import { orderTables } from './order-tables';
import type { TablePlan } from './plan-tables';
import type { PlacedRow, SideTable, TableSide } from './table-side';

/** A table of the application after a switch. */
export interface TableReport {
  table: string;
  rows: number;
  /** Rows that this run has copied. */
  copied: number;
  /** Digests over all rows, whatever their order, of the source and of the target. */
  from: string;
  to: string;
  /** Columns whose values the target makes by itself. */
  leftOut: string[];
}

/** How far the copy of a table has come; a note in the target. */
interface TableNote {
  rows: number;
  /** In JSON, the values of a key as `encodeValue('any', …)` has them. */
  place: { key: unknown[] } | { row: number } | null;
  isDone: boolean;
}

/** Names of the notes of a switch from this log begin so; the path of the table follows. */
export function tableNotesOf(logId: string): string {
  return `tables:${logId}:`;
}

/** Rows that earlier runs have brought to the target, by table; none where there was no such run. */
export async function rowsCopied(to: LogSide, logId: string): Promise<Map<string, number>> {
  return new Map([...(await readNotes(to, logId))].map(([table, { rows }]) => [table, rows]));
}

async function readNotes(to: LogSide, logId: string): Promise<Map<string, TableNote>> {
  const prefix = tableNotesOf(logId);
  const notes = await to.notes(prefix);
  return new Map([...notes].map(([name, text]) => [name.slice(prefix.length), JSON.parse(text) as TableNote]));
}

/** What is told how many rows are done of a phase. */
export type RowsProgress = (phase: 'copying' | 'comparing', total: number, before: number) => (done: number) => void;

/**
 * Copies the rows of tables, those that others refer to first, and compares what came of it from the beginning to the end.
 * @throws SwitchDiffersError where rows refer to others that are not there, or tables are not the same
 */
export async function moveTables(
  from: LogSide,
  to: LogSide,
  plans: readonly TablePlan[],
  logId: string,
  progressOf: RowsProgress,
): Promise<{ tables: TableReport[]; notes: Note[]; rate: number | null }> {
  const { tables: order, cyclic } = orderTables(
    plans.map((plan) => plan.to.table),
    await to.tables.references(),
  );
  const sorted = [...plans].sort((a, b) => order.indexOf(a.to.table) - order.indexOf(b.to.table));
  const totals = await Promise.all(sorted.map((plan) => from.tables.count(plan.from.table)));
  const total = totals.reduce((sum, rows) => sum + rows, 0);
  const known = await readNotes(to, logId);
  const before = [...known.values()].reduce((sum, { rows }) => sum + rows, 0);
  const onCopied = progressOf('copying', total, before);
  let done = before;
  const start = performance.now();
  await to.tables.beginTables();
  const copied: number[] = [];
  for (const plan of sorted) {
    const unchecked = cyclic.filter(({ table }) => table === plan.to.table);
    const copy = new TableCopy(from.tables, to.tables, plan, unchecked, tableNotesOf(logId), known.get(plan.to.table));
    copied.push(
      await copy.run((rows) => {
        done += rows;
        onCopied(done);
      }),
    );
  }
  const rows = copied.reduce((sum, count) => sum + count, 0);
  const rate = rows === 0 ? null : Math.round(rows / ((performance.now() - start) / 1000));
  await to.tables.endTables(cyclic);
  const onCompared = progressOf('comparing', total, 0);
  const tables: TableReport[] = [];
  for (const [place, plan] of sorted.entries()) {
    const number = await from.tables.nextNumber(plan.from.table);
    if (number !== undefined) await to.tables.numberFrom(plan.to.table, number);
    const told = tables.reduce((sum, table) => sum + table.rows, 0);
    const report = await compareTable(from.tables, to.tables, plan, copied[place]!, (read) => onCompared(told + read));
    tables.push(report);
  }
  return { tables, rate, notes: sorted.map((plan): Note => [`${tableNotesOf(logId)}${plan.to.table}`, null]) };
}

/** Takes one table over, a block of rows a transaction. */
class TableCopy {
  private readonly note: TableNote;

  constructor(
    private readonly from: TableSide,
    private readonly to: TableSide,
    private readonly plan: TablePlan,
    private readonly unchecked: readonly Reference[],
    private readonly prefix: string,
    note: TableNote | undefined,
  ) {
    this.note = note ?? { rows: 0, place: null, isDone: false };
  }

  /** @returns rows of this run */
  async run(onRows: (rows: number) => void): Promise<number> {
    if (this.note.isDone) return 0;
    const before = this.note.rows;
    await copyBlocks<PlacedRow, RowPlace | undefined>(decoded(this.note.place), {
      read: (after) => this.from.read(this.plan.from, after),
      placeOf: ({ place }) => place,
      write: (rows) => {
        const next = { rows: this.note.rows + rows.length, place: encoded(rows.at(-1)!.place), isDone: false };
        return this.write(rows, next);
      },
      onCopied: (rows) => onRows(rows.length),
    });
    await this.write([], { ...this.note, isDone: true });
    return this.note.rows - before;
  }

  private async write(rows: readonly PlacedRow[], next: TableNote): Promise<void> {
    const { to, way } = this.plan;
    const values = rows.map((row) => way.target(way.normal(row.values)));
    await this.to.write(to, values, this.unchecked, [[`${this.prefix}${to.table}`, JSON.stringify(next)]]);
    Object.assign(this.note, next);
  }
}

async function compareTable(
  from: TableSide,
  to: TableSide,
  { from: source, to: target, way, leftOut }: TablePlan,
  copied: number,
  onRead: (rows: number) => void,
): Promise<TableReport> {
  const [left, right] = [new RowsDigest(), new RowsDigest()];
  for await (const rows of blocksOf(from, source)) {
    for (const { values } of rows) left.add(way.normal(values));
    onRead(left.count);
  }
  for await (const rows of blocksOf(to, target)) for (const { values } of rows) right.add(way.normal(values));
  if (left.count !== right.count || left.value() !== right.value()) {
    throw new SwitchDiffersError(
      left.count === right.count
        ? `Rows of ${target.table} are not the same in the target, ${left.value()} here and ${right.value()} there.`
        : `${target.table} has ${left.count} rows in the source, and ${right.count} in the target.`,
    );
  }
  return { table: target.table, rows: left.count, copied, from: left.value(), to: right.value(), leftOut };
}

/** All rows of a table, block by block. */
export async function* blocksOf(side: TableSide, table: SideTable): AsyncGenerator<readonly PlacedRow[]> {
  for (let after: RowPlace | undefined; ;) {
    const rows = await side.read(table, after);
    if (rows.length === 0) return;
    yield rows;
    after = rows.at(-1)!.place;
  }
}

function encoded(place: RowPlace): TableNote['place'] {
  return 'row' in place ? place : { key: place.key.map((value) => encodeValue('any', value)) };
}

function decoded(place: TableNote['place']): RowPlace | undefined {
  if (place === null) return undefined;
  return 'row' in place ? place : { key: place.key.map((value) => decodeValue('any', value)) };
}
