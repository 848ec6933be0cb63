import type { CapturedTable, CaptureSql, TableColumn } from '../dialect/capture-sql';
import type { Engine } from '../dialect/engine';
import type { TableMap } from '../model/table-map';
import type { CapturePlan, TablePlan } from './entity-plan';
import { shapeOf } from './table-shape';

/** Where the maps are kept; called inside the transaction that installs the triggers. */
export interface MapStore {
  /** Number of a map in this database; a new one where the same map is not there yet. */
  idOf(engine: Engine, map: TableMap): number;
  /** A number that was given out in a transaction may stand for another map after its rollback. */
  forget(): void;
}

/**
 * The triggers of the writing connection. They are compared with the schema each time the write lock is taken, and
 * installed anew, as a new generation, when anything has changed since.
 */
export class CaptureTriggers {
  private installed: { versions: string; names: ReadonlyMap<string, string[]>; countWarned: boolean } | undefined;
  private changedInTransaction = false;
  /** Tables that statements have replaced rows of. */
  private readonly replaced = new Set<string>();
  private hasReplaceable = false;
  private lastGeneration = 0;
  private doubts: string[] = [];

  constructor(
    private readonly engine: Engine,
    private readonly sql: CaptureSql,
    private readonly maps: MapStore,
    private readonly plan: () => CapturePlan,
    private readonly onWarning: (message: string) => void,
  ) {}

  /** What is known to keep records from being exact. */
  get warnings(): readonly string[] {
    return this.doubts;
  }

  /** The triggers count what they let through. */
  get countWarned(): boolean {
    return this.installed?.countWarned ?? false;
  }

  get generation(): number {
    return this.lastGeneration;
  }

  /** A statement that deletes rows to make room for others is about to run: the tables it can reach must be ready. */
  expectReplacing(sql: string): void {
    const tables = this.plan().tables.map(({ table }) => table);
    const named = this.sql.namedTables(sql, tables);
    // One that names no table we know writes through a view, or in a way we do not understand.
    for (const table of named.length > 0 ? named : tables) {
      if (this.replaced.has(table)) continue;
      this.replaced.add(table);
      this.installed = undefined;
    }
  }

  /** Makes sure that the triggers fit the schema as it is; cheap when nothing has changed. */
  ensure(): void {
    if (this.installed?.versions !== this.versions()) this.install();
  }

  /**
   * Installs the triggers where they are away for reasons of our own: a schema change, a rollback. Nothing can have been
   * written since, because every write makes sure of them. Triggers that somebody else took away stay away, to be found.
   */
  ensureInstalled(): void {
    if (!this.installed) this.install();
  }

  /** Takes the triggers away, for a statement that changes the schema: it could fail on them, or silently drop them. */
  drop(): void {
    this.installed = undefined;
    this.changedInTransaction = true;
    const { rows } = this.engine.execute(this.sql.listTriggers);
    for (const { name } of rows as { name: string }[]) this.engine.execute(this.sql.dropTrigger(name));
  }

  /** False while foreign keys are off, when dropping a table touches no other. */
  seeCascades(): boolean {
    return this.engine.scalar(this.sql.enforcesForeignKeys) === 1;
  }

  /** Puts back what `drop` took away in this transaction. */
  restore(): void {
    if (this.changedInTransaction && !this.installed) this.install();
  }

  committed(): void {
    this.changedInTransaction = false;
  }

  /** Triggers made or dropped in the transaction are what they were before it. */
  rolledBack(): void {
    this.rolledBackToSavepoint();
    this.changedInTransaction = false;
  }

  /** Triggers made or dropped since the savepoint are what they were before it; those of before may have been, too. */
  rolledBackToSavepoint(): void {
    if (!this.changedInTransaction) return;
    this.installed = undefined;
    this.maps.forget();
  }

  /** Tables under capture, those that are yet to be created included. */
  tables(virtual: readonly string[] = this.virtualTables()): string[] {
    return this.plan()
      .tables.map(({ table }) => table)
      .filter((table) => !virtual.includes(table))
      .sort();
  }

  /** The plan of a captured table that is there; undefined for anything else that TypeORM's path may name. */
  planOf(path: string): TablePlan | undefined {
    const name = this.sql.tableOf(this.engine, path)?.toLowerCase();
    const plan = this.plan().tables.find(({ table }) => table.toLowerCase() === name);
    return plan && this.installed?.names.has(plan.table) ? plan : undefined;
  }

  /** What stands between the live triggers and the plan: names of tables. */
  gaps(planned: readonly string[] = this.tables()): { missing: string[]; stale: string[] } {
    // Taken away by a transaction that is changing the schema, and put back before it commits.
    if (this.changedInTransaction && !this.installed) return { missing: [], stale: [] };
    const { rows } = this.engine.execute(this.sql.listTriggers);
    const live = new Set((rows as { name: string }[]).map(({ name }) => name));
    const missing = planned.filter((table) => {
      const names = this.installed?.names.get(table);
      return names ? !names.every((name) => live.has(name)) : this.columnsOf(table).length > 0;
    });
    const isStale = this.installed !== undefined && this.installed.versions !== this.versions();
    return { missing, stale: isStale ? planned.filter((table) => !missing.includes(table)) : [] };
  }

  /** True where the triggers of this table stand as they were installed. */
  stands(table: string): boolean {
    return (
      this.installed !== undefined && this.installed.names.has(table) && this.installed.versions === this.versions()
    );
  }

  private install(): void {
    this.drop();
    for (const statement of this.sql.createWorkTables) this.engine.execute(statement);
    const countWarned = this.prepareWarned();
    const generation = (this.lastGeneration += 1);
    const names = new Map<string, string[]>();
    const plans = this.plan().tables;
    const tables = plans.map(({ table }) => table);
    const replaceable = new Set([
      ...this.replaced,
      ...this.sql.replaceableTables(this.engine, tables, this.replaced.size > 0),
    ]);
    this.hasReplaceable = replaceable.size > 0;
    const virtual = new Set(this.virtualTables());
    for (const [index, plan] of plans.entries()) {
      const table = this.captured(plan, replaceable.has(plan.table));
      // Not created yet (creating it changes the schema version), or one that takes no triggers.
      if (!table || virtual.has(plan.table)) continue;
      const mapId = this.maps.idOf(this.engine, table.map);
      const triggers = this.sql.triggers(this.engine, table, mapId, generation, index);
      for (const { sql } of triggers) this.engine.execute(sql);
      names.set(
        plan.table,
        triggers.map(({ name }) => name),
      );
    }
    const known = this.doubts;
    this.doubts = this.sql.doubts(this.engine, tables);
    for (const doubt of this.doubts) if (!known.includes(doubt)) this.onWarning(doubt);
    this.installed = { versions: this.versions(), names, countWarned };
  }

  /** Counters are only made where there is something to count. */
  private prepareWarned(): boolean {
    const warned = this.plan().tables.filter(({ requires, warnsOnly }) => warnsOnly && requires.length > 0);
    if (warned.length > 0) this.engine.execute(this.sql.createWarned);
    for (const { entity, requires } of warned) {
      for (const requirement of requires) this.engine.execute(this.sql.insertWarned, [entity, requirement]);
    }
    return warned.length > 0;
  }

  /** Tables that take no triggers, of an entity or not; what happens to them is not recorded. */
  virtualTables(): string[] {
    return (this.engine.execute(this.sql.listVirtualTables).rows as { name: string }[]).map(({ name }) => name);
  }

  /** The map under which triggers would record the table now; undefined while it is not there. */
  mapOf(plan: TablePlan): TableMap | undefined {
    return this.captured(plan, false)?.map;
  }

  private captured(plan: TablePlan, isReplaceable: boolean): CapturedTable | undefined {
    const live = this.columnsOf(plan.table);
    if (live.length === 0) return undefined;
    const { map, columns } = shapeOf(plan, live);
    return { map, columns, isReplaceable, requires: plan.requires, warnsOnly: plan.warnsOnly };
  }

  private columnsOf(table: string): TableColumn[] {
    return this.engine.execute(this.sql.listColumns(table)).rows as TableColumn[];
  }

  private versions(): string {
    const queries = this.hasReplaceable ? [...this.sql.versions, ...this.sql.replaceVersions] : this.sql.versions;
    return queries.map((query) => String(this.engine.scalar(query))).join('/');
  }
}
