import type { TableColumn } from '../dialect/capture-sql';
import type { Engine } from '../dialect/engine';
import type { CheckSteps } from '../dialect/check-steps';
import type { Dialect } from '../dialect/dialect';
import { type Collation, collatedKey, misfit, type PlannedTable } from '../model/planned-table';
import { ExactDecimal, InvalidText, type StoredValue } from '../model/stored-value';
import { LiveRows } from '../store/live-rows';

const rowsAtOnce = 1000;
const bytesAtOnce = 4_000_000;

/** What is wrong with values of a table, with the key of the first row that has it. */
interface Finding {
  what: string;
  first: string;
  rows: number;
}

/**
 * Looks at each row of the application's tables for what another database would refuse or change. Nothing is written.
 * @param tables as the entities would have them there
 */
export function checkData(
  engine: Engine,
  { checkSql, captureSql, tableSql }: Dialect,
  tables: readonly PlannedTable[],
  collation: Collation,
  steps: CheckSteps,
): void {
  let rows = 0;
  let faults = 0;
  for (const planned of tables) {
    const columns = engine.execute(captureSql.listColumns(planned.table)).rows as TableColumn[];
    const live = new Set(columns.map(({ name }) => name));
    if (live.size === 0) continue;
    const order = tableSql.rowKey(engine, planned.table, [...live]);
    const key = engine.selectStored(checkSql.listKey(planned.table), [], () => true).map(([name]) => name as string);
    const known = { ...planned, columns: planned.columns.filter(({ name }) => live.has(name)) };
    const found = examine(
      engine,
      new LiveRows(checkSql),
      known,
      { order, key: key.length > 0 ? key : order },
      collation,
    );
    rows += found.rows;
    for (const { what, first, rows: count } of found.findings) {
      faults += 1;
      const more = count > 1 ? `, and of ${count - 1} more` : '';
      steps.fail('data', `${planned.table}: ${what}, of the row ${first}${more}.`, remedy);
    }
    const computed = known.columns.filter(({ isComputed }) => isComputed).map(({ name }) => name);
    if (computed.length > 0) {
      steps.warn('data', `${planned.table}: the target makes the values of ${computed.join(', ')}.`, 'Leave them out.');
    }
  }
  if (faults === 0) steps.ok('data', `${rows.toLocaleString('en-US')} rows of ${tables.length} tables would fit`);
}

const remedy = 'Correct the rows in the source, or give the column another type, length or collation.';

function examine(
  engine: Engine,
  reader: LiveRows,
  { table, columns, uniques }: PlannedTable,
  { order, key }: { order: string[]; key: string[] },
  collation: Collation,
): { rows: number; findings: Finding[] } {
  const findings = new Map<string, Finding>();
  const names = columns.map(({ name }) => name);
  // Keys that no entity names are read as well, to go on from row to row.
  const read = [...new Set([...names, ...order, ...key])].map((name) => ({
    name,
    property: name,
    kind: 'any' as const,
  }));
  const place = (name: string) => read.findIndex((column) => column.name === name);
  const keyPlaces = key.map(place);
  const unique = uniques
    .map((set) => ({ set, places: set.map(place), seen: new Set<string>() }))
    .filter(({ places }) => places.every((index) => index >= 0));
  const note = (what: string, row: readonly StoredValue[]) => {
    const finding = findings.get(what);
    if (finding) finding.rows += 1;
    else findings.set(what, { what, rows: 1, first: keyPlaces.map((index) => textOf(row[index]!)).join(', ') });
  };
  let rows = 0;
  for (let after: StoredValue[] | undefined, isFirst = true; isFirst || after; isFirst = false) {
    const chunk = reader.read(engine, { table, columns: read, key: order }, after, rowsAtOnce, bytesAtOnce);
    for (const row of chunk.rows) {
      rows += 1;
      columns.forEach((column, index) => {
        const problem = column.isComputed ? undefined : misfit(column, row[index] ?? null);
        if (problem) note(`${column.name} holds ${problem}`, row);
      });
      for (const { set, places, seen } of unique) {
        const values = places.map((index) => row[index] ?? null);
        const same = collatedKey(values, collation);
        const what = values.includes(null) ? 'several NULLs under a unique index on' : 'equal there under the unique';
        if (seen.has(same)) note(`${what} ${set.join(', ')}`, row);
        seen.add(same);
      }
    }
    after = chunk.next;
  }
  return { rows, findings: [...findings.values()] };
}

function textOf(value: StoredValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof ExactDecimal) return value.digits;
  const bytes = value instanceof InvalidText ? value.bytes : value;
  return Buffer.isBuffer(bytes) ? bytes.toString('hex') : String(bytes);
}
