import type { DataSource } from 'typeorm';
import type { Snapshot, TableState } from '../oracle/snapshot';
import { loggedChange, type TrueChange } from '../oracle/true-changes';
import { bytesOf, type FoundBytes, type Witness } from '../oracle/witness';
import {
  addSelected,
  type ColumnInfo,
  emptyTable,
  isApplicationTable,
  isAuditTable,
  quote,
  selectColumns,
  selectRows,
  selectTables,
  toCells,
} from './table-sql';

/** A table as the oracle watches it: `log` is where its triggers write. */
interface Watched {
  name: string;
  empty: TableState;
  log: string;
}

/** Its log is in TEMP tables. */
export class SqliteWitness implements Witness {
  private isWatching = false;

  private constructor(
    private readonly dataSource: DataSource,
    private readonly tables: readonly Watched[],
    private readonly auditTables: readonly { name: string; columns: readonly string[] }[],
  ) {}

  /** Watches those tables of `wanted` that are there. */
  static async create(dataSource: DataSource, wanted: readonly string[]): Promise<SqliteWitness> {
    const all = (await dataSource.query<{ name: string }[]>(selectTables)).map(({ name }) => name);
    const names = new Set(wanted.map((name) => name.toLowerCase()));
    const tables: Watched[] = [];
    for (const name of all.filter((table) => isApplicationTable(table) && names.has(table.toLowerCase()))) {
      const empty = emptyTable(await dataSource.query<ColumnInfo[]>(selectColumns, [name]));
      tables.push({ name, empty, log: `conformance_truth_${tables.length}` });
    }
    const auditTables: { name: string; columns: readonly string[] }[] = [];
    for (const name of all.filter(isAuditTable)) {
      auditTables.push({
        name,
        columns: emptyTable(await dataSource.query<ColumnInfo[]>(selectColumns, [name])).columns,
      });
    }
    return new SqliteWitness(dataSource, tables, auditTables);
  }

  tableNames(): string[] {
    return this.tables.map(({ name }) => name);
  }

  async countRows(): Promise<{ table: string; rows: number }[]> {
    const counts: { table: string; rows: number }[] = [];
    for (const { name } of this.tables) {
      const [row] = await this.dataSource.query<{ n: number }[]>(`SELECT count(*) AS n FROM main.${quote(name)}`);
      counts.push({ table: name, rows: Number(row!.n) });
    }
    return counts;
  }

  async snapshot(): Promise<Snapshot> {
    const snapshot: Snapshot = new Map();
    for (const { name, empty } of this.tables) {
      const rows = await this.dataSource.query<Record<string, unknown>[]>(selectRows(name, empty.columns));
      snapshot.set(name, addSelected({ ...empty, rows: new Map() }, rows));
    }
    return snapshot;
  }

  /** Starts the log, once; in one transaction, since capture is set up anew after each change of the schema. */
  async watch(): Promise<void> {
    if (this.isWatching) return;
    this.isWatching = true;
    await this.dataSource.transaction(async (inside) => {
      for (const table of this.tables) {
        for (const statement of logging(table)) await inside.query(statement);
      }
    });
  }

  /** Takes what was logged since the last call, in the order of the changes within a table. */
  async takeChanges(): Promise<TrueChange[]> {
    const changes: TrueChange[] = [];
    for (const { name, empty, log } of this.tables) {
      const { columns } = empty;
      const logged = ['kind', ...columns.map((_, index) => `o${index}`), ...columns.map((_, index) => `n${index}`)];
      const sql = `${selectRows(log, logged, 'temp')} ORDER BY rowid`;
      for (const selected of await this.dataSource.query<Record<string, unknown>[]>(sql)) {
        const [, ...cells] = toCells(selected, logged);
        const kind = (selected['v0'] as Buffer).toString();
        changes.push(loggedChange(name, columns, kind, cells));
      }
      await this.dataSource.query(`DELETE FROM temp.${log} WHERE true`);
    }
    return changes;
  }

  /** Every value of every audit table as bytes, each with where it was found. */
  async auditBytes(): Promise<FoundBytes[]> {
    const found: FoundBytes[] = [];
    for (const { name, columns } of this.auditTables) {
      const rows = await this.dataSource.query<Record<string, unknown>[]>(selectRows(name, columns));
      found.push(...rows.flatMap((row) => bytesOf(name, columns, row)));
    }
    return found;
  }
}

function logging({ name, empty, log }: Watched): string[] {
  const before = empty.columns.map((_, index) => `o${index}`);
  const after = empty.columns.map((_, index) => `n${index}`);
  const old = empty.columns.map((column) => `OLD.${quote(column)}`);
  const fresh = empty.columns.map((column) => `NEW.${quote(column)}`);
  const trigger = (kind: string, event: string, columns: string[], values: string[]): string =>
    `CREATE TEMP TRIGGER ${log}_${kind} AFTER ${event} ON main.${quote(name)} BEGIN
    INSERT INTO ${log} (kind, ${columns.join(', ')}) VALUES ('${kind}', ${values.join(', ')}); END`;
  return [
    // Without types: a value is kept as the row had it, storage class included.
    `CREATE TEMP TABLE ${log} (kind, ${[...before, ...after].join(', ')})`,
    trigger('I', 'INSERT', after, fresh),
    trigger('U', 'UPDATE', [...before, ...after], [...old, ...fresh]),
    trigger('D', 'DELETE', before, old),
  ];
}
