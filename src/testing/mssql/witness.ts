import type { DataSource } from 'typeorm';
import type { Snapshot } from '../oracle/snapshot';
import { loggedChange, type TrueChange } from '../oracle/true-changes';
import { bytesOf, type FoundBytes, type Witness } from '../oracle/witness';
import { readSnapshot } from './read-snapshot';
import {
  isApplicationTable,
  isAuditTable,
  quote,
  selectTables,
  selectValues,
  type ServerColumn,
  type ServerTable,
  type TimeTerms,
  toCells,
  toTables,
} from './table-sql';

export function isServer(dataSource: DataSource): boolean {
  return dataSource.options.type === 'mssql';
}

/** A table as the oracle watches it. */
interface Watched extends ServerTable {
  /** Where its triggers write: the columns of a row before, of a row after. */
  log: string;
}

/** Its log is in tables of the database, which therefore has to be a scratch one. */
export class ServerWitness implements Witness {
  private isWatching = false;

  private constructor(
    private readonly dataSource: DataSource,
    private readonly tables: readonly Watched[],
    private readonly auditTables: readonly ServerTable[],
    private readonly terms: TimeTerms,
  ) {}

  static async create(dataSource: DataSource, wanted: readonly string[]): Promise<ServerWitness> {
    const { schema } = dataSource.driver;
    const all = toTables(await dataSource.query<Record<string, unknown>[]>(selectTables), schema);
    const names = new Set(wanted.map((name) => name.toLowerCase()));
    const tables = all
      .filter((table) => isApplicationTable(table) && names.has(table.name.toLowerCase()))
      .map((table, place) => ({ ...table, log: `conformance_truth_${place}` }));
    const options = dataSource.options as { options?: { useUTC?: boolean } };
    const isUtc = options.options?.useUTC === true;
    return new ServerWitness(dataSource, tables, all.filter(isAuditTable), { isUtc, isReadAsLocal: !isUtc });
  }

  tableNames(): string[] {
    return this.tables.map(({ name }) => name);
  }

  async countRows(): Promise<{ table: string; rows: number }[]> {
    const counts: { table: string; rows: number }[] = [];
    for (const { name, path } of this.tables) {
      const [row] = await this.dataSource.query<{ n: number }[]>(`SELECT COUNT(*) AS n FROM ${path}`);
      counts.push({ table: name, rows: row!.n });
    }
    return counts;
  }

  async snapshot(): Promise<Snapshot> {
    return readSnapshot(this.dataSource, this.tables, this.terms);
  }

  async watch(): Promise<void> {
    if (this.isWatching) return;
    this.isWatching = true;
    await this.dataSource.transaction(async (inside) => {
      for (const table of this.tables) {
        for (const statement of logging(table)) await inside.query(statement);
      }
    });
  }

  async takeChanges(): Promise<TrueChange[]> {
    const changes: TrueChange[] = [];
    for (const { name, columns, log } of this.tables) {
      const names = columns.map((column) => column.name);
      const logged = [...named(columns, 'o'), ...named(columns, 'n')];
      const rows = await this.dataSource.query<Record<string, unknown>[]>(
        `SELECT kind, ${selectValues(logged)} FROM ${log} ORDER BY number`,
      );
      for (const row of rows) {
        const cells = toCells(row, logged, this.terms);
        changes.push(loggedChange(name, names, String(row['kind']), cells));
      }
      if (rows.length > 0) await this.dataSource.query(`DELETE FROM ${log}`);
    }
    return changes;
  }

  async auditBytes(): Promise<FoundBytes[]> {
    const found: FoundBytes[] = [];
    for (const { name, path, columns } of this.auditTables) {
      const rows = await this.dataSource.query<Record<string, unknown>[]>(
        `SELECT ${selectValues(columns)} FROM ${path}`,
      );
      const names = columns.map((column) => column.name);
      found.push(...rows.flatMap((row) => bytesOf(name, names, row)));
    }
    return found;
  }
}

function named(columns: readonly ServerColumn[], prefix: string): ServerColumn[] {
  return columns.map((column, place) => ({ ...column, name: `${prefix}${place}` }));
}

function logging({ path, columns, log }: Watched): string[] {
  const [old, fresh] = (['o', 'n'] as const).map((prefix) => columns.map((_, place) => `${prefix}${place}`)) as [
    string[],
    string[],
  ];
  // A copy of a rowversion is bytes like any other.
  const value = ({ name, type }: ServerColumn, side: string): string =>
    type === 'timestamp' ? `CONVERT(binary(8), ${side}.${quote(name)})` : `${side}.${quote(name)}`;
  const values = (side: string): string[] => columns.map((column) => value(column, side));
  const aliased = (side: string, names: string[]): string[] =>
    values(side).map((expression, place) => `${expression} AS ${names[place]}`);
  const insert = `INSERT INTO ${log} (kind, ${[...old, ...fresh].join(', ')})`;
  const nothing = columns.map(() => 'NULL');
  const key = columns.filter(({ isIdentity }) => isIdentity);
  if (key.length === 0) key.push(...columns.filter(({ isKey }) => isKey));
  const there = (side: string): string => `${side}.${quote(key[0]!.name)} IS NOT NULL`;
  const both = `SELECT 'U', ${[...values('d'), ...values('i')].join(', ')} FROM deleted d CROSS JOIN inserted i`;
  const pairs =
    key.length > 0
      ? `SELECT CASE WHEN NOT (${there('d')}) THEN 'I' WHEN NOT (${there('i')}) THEN 'D' ELSE 'U' END, ${[...values('d'), ...values('i')].join(', ')}
        FROM deleted d FULL JOIN inserted i ON ${key.map(({ name }) => `d.${quote(name)} = i.${quote(name)}`).join(' AND ')}`
      : `SELECT 'D', ${[...values('d'), ...nothing].join(', ')} FROM deleted d UNION ALL SELECT 'I', ${[...nothing, ...values('i')].join(', ')} FROM inserted i`;
  const trigger = (event: string, body: string): string =>
    `CREATE TRIGGER ${path.split('].[')[0]}].${quote(`${log}_${event}`)} ON ${path} AFTER ${event} AS BEGIN SET NOCOUNT ON; ${body} END`;
  return [
    // A table with the types of both rows, and nothing that could fail: joins leave out what else a column says.
    `SELECT ${[...aliased('a', old), ...aliased('b', fresh)].join(', ')} INTO ${log}
      FROM (SELECT 1 AS one) x LEFT JOIN ${path} a ON 1 = 0 LEFT JOIN ${path} b ON 1 = 0 WHERE 1 = 0`,
    `ALTER TABLE ${log} ADD number int IDENTITY`,
    `ALTER TABLE ${log} ADD kind char(1)`,
    trigger('INSERT', `${insert} SELECT 'I', ${[...nothing, ...values('i')].join(', ')} FROM inserted i;`),
    trigger('DELETE', `${insert} SELECT 'D', ${[...values('d'), ...nothing].join(', ')} FROM deleted d;`),
    trigger('UPDATE', `IF (SELECT COUNT(*) FROM inserted) = 1 ${insert} ${both}; ELSE ${insert} ${pairs};`),
  ];
}
