import type { LiveServerColumn, LiveTrigger, ServerCaptureSql, ServerTable } from '../dialect/server-capture';
import type { ServerConnection } from '../dialect/server-dialect';
import type { ReadSql } from '../dialect/store-sql';
import { CaptureBrokenError } from '../errors';
import { MapNumbers, mapPrefix } from '../store/map-numbers';
import type { CapturePlan, TablePlan } from './entity-plan';
import { serverTable } from './server-table';

/** A trigger as it should be. */
interface Wanted {
  table: string;
  name: string;
  version: string;
  statements: string[];
}

/** Names of tables whose triggers are not as they should be. */
export interface TriggerGaps {
  missing: string[];
  stale: string[];
}

/**
 * The triggers of a database on a server. They belong to the tables and stay there: each is compared with what the
 * entities and the table's own columns make of it, and made anew where it is another.
 */
export class ServerTriggers {
  private standing: ReadonlySet<string> = new Set();
  private doubts: readonly string[] = [];
  /** Of the triggers as they should be, by table. */
  private versions: ReadonlyMap<string, string> = new Map();
  /** Columns of the tables as they were when the schema was last looked at. */
  private columns: readonly LiveServerColumn[] = [];

  constructor(
    private readonly sql: ServerCaptureSql,
    private readonly store: ReadSql,
    private readonly plan: () => CapturePlan,
  ) {}

  /** What is known to keep records from being exact. */
  get warnings(): readonly string[] {
    return this.doubts;
  }

  /** Tables under capture, those that are yet to be created included. */
  tables(): string[] {
    return this.plan()
      .tables.map(({ table }) => table)
      .sort();
  }

  columnsOf(table: string): LiveServerColumn[] {
    return this.columns.filter((column) => column.table === table);
  }

  planOf(table: string): TablePlan | undefined {
    return this.plan().tables.find((planned) => planned.table.toLowerCase() === table.toLowerCase());
  }

  /** Entities of these tables whose changes go unrecorded, in part at least, because that is only warned of. */
  unrecordedOf(tables: Iterable<string>): string[] {
    return [...tables]
      .filter((table) => !this.standing.has(table))
      .flatMap((table) => this.planOf(table)?.entity ?? []);
  }

  /** @throws CaptureBrokenError for a table whose trigger was not there, or another, when it was last looked at */
  assertStands(tables: Iterable<string>): void {
    for (const table of tables) {
      if (this.standing.has(table) || this.planOf(table)?.warnsOnly) continue;
      throw new CaptureBrokenError(`The capture of table "${table}" does not stand.`, { value: table });
    }
  }

  /**
   * Makes, in the transaction of the connection, what is not there or not as it should be, and takes away what captures a
   * table that is left out.
   * @throws UnsupportedDatabaseError for a column that can't be recorded
   */
  async install(connection: ServerConnection): Promise<void> {
    await connection.query(this.sql.lockInstallation);
    const { wanted, gaps, live } = await this.compare(connection, true);
    const doubts: string[] = [];
    const makeAnew = new Set([...gaps.missing, ...gaps.stale]);
    for (const { table, statements } of wanted) {
      if (!makeAnew.has(table)) continue;
      for (const statement of statements) {
        const [row] = await connection.query(statement);
        if (row) doubts.push(`The trigger of "${table}" is not the first of its triggers: ${String(row['doubt'])}`);
      }
    }
    const leftOut = new Set(this.plan().notCaptured.map(({ table }) => table));
    for (const trigger of live) {
      if (leftOut.has(trigger.table)) await connection.query(this.sql.dropTrigger(trigger));
    }
    this.versions = new Map(wanted.map(({ table, version }) => [table, version]));
    this.standing = new Set(wanted.map(({ table }) => table));
    this.doubts = [...this.doubts, ...doubts];
  }

  /** Looks, and changes nothing. */
  async check(connection: ServerConnection): Promise<TriggerGaps> {
    const { gaps, wanted } = await this.compare(connection, false);
    const broken = new Set([...gaps.missing, ...gaps.stale]);
    this.versions = new Map(wanted.map(({ table, version }) => [table, version]));
    this.standing = new Set(wanted.map(({ table }) => table).filter((table) => !broken.has(table)));
    return gaps;
  }

  /** The same by what was wanted when the schema was last looked at, in one query. */
  async gaps(connection: ServerConnection): Promise<TriggerGaps> {
    return gapsBetween(this.versions, await this.live(connection));
  }

  private async live(connection: ServerConnection): Promise<LiveTrigger[]> {
    return (await connection.query(this.sql.listTriggers)) as unknown as LiveTrigger[];
  }

  private async compare(connection: ServerConnection, storeMaps: boolean) {
    const wanted = await this.wanted(connection, storeMaps);
    const live = await this.live(connection);
    const versions = new Map(wanted.map(({ table, version }) => [table, version]));
    return { wanted, live, gaps: gapsBetween(versions, live) };
  }

  /** The triggers of all tables that are there. */
  private async wanted(connection: ServerConnection, storeMaps: boolean): Promise<Wanted[]> {
    const plans = this.plan().tables;
    if (plans.length === 0) return [];
    const names = JSON.stringify(plans.map(({ table }) => table));
    const columns = (await connection.query(this.sql.listColumns, [names])) as unknown as LiveServerColumn[];
    this.columns = columns;
    const tables = plans.flatMap((plan) => {
      const live = columns.filter(({ table }) => table === plan.table);
      return live.length > 0 ? [serverTable(this.sql, plan, live)] : [];
    });
    const ofServer = (await connection.query(this.sql.selectDoubts)).map(({ doubt }) => String(doubt));
    this.doubts = [...ofServer, ...tables.flatMap(doubtsOf)];
    const numbers = new MapNumbers(await connection.query(this.store.selectMetaLike, [`${mapPrefix}%`]));
    const wanted: Wanted[] = [];
    for (const table of tables) {
      const text = JSON.stringify(table.map);
      const added = numbers.of(text) === undefined ? numbers.add(text) : undefined;
      if (added && storeMaps) await connection.query(this.store.insertMeta, added);
      wanted.push({ table: table.map.table, ...this.sql.trigger(table, numbers.of(text)!) });
    }
    return wanted;
  }
}

function doubtsOf({ map, columns }: ServerTable): string[] {
  const doubts: string[] = [];
  if (!columns.some(({ live }) => live.isKey || live.isIdentity)) {
    doubts.push(
      `"${map.table}" has no primary key: of an update of several rows it is recorded that they went and came.`,
    );
  }
  const floating = map.columns.find(({ primary, kind }) => primary && kind === 'real');
  if (floating) {
    doubts.push(
      `"${map.table}" has a floating number in its key, ${floating.name}: the entity_id of its entries has 17 digits of it.`,
    );
  }
  return doubts;
}

function gapsBetween(versions: ReadonlyMap<string, string>, live: readonly LiveTrigger[]): TriggerGaps {
  const byTable = new Map(live.map((trigger) => [trigger.table, trigger]));
  const gaps: TriggerGaps = { missing: [], stale: [] };
  for (const [table, version] of versions) {
    const trigger = byTable.get(table);
    if (!trigger) gaps.missing.push(table);
    else if (!trigger.isEnabled || trigger.version !== version) gaps.stale.push(table);
  }
  return gaps;
}
