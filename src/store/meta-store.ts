import type { Engine } from '../dialect/engine';
import type { ReadSql } from '../dialect/store-sql';
import { LogElsewhereError } from '../errors';
import type { MappedColumn, TableMap } from '../model/table-map';
import { MapNumbers, mapPrefix, mapTexts } from './map-numbers';

const baselinePrefix = 'baseline:';
const deliveredPrefix = 'delivered-log:';
/** What is wrong where a database is opened without its audit database. */
export const logElsewhere =
  'Entries of this database were delivered to an audit database, and auditDatabase is not set: nothing of them is known here.';

/** `audit_meta`: the log's own id, the column maps under which changes were recorded, and which tables are complete. */
export class MetaStore {
  private readonly maps = new Map<number, TableMap>();

  constructor(private readonly sql: ReadSql) {}

  areTablesThere(engine: Engine): boolean {
    return engine.scalar(this.sql.hasAuditTables) === 6;
  }

  logId(engine: Engine): string {
    return engine.scalar(this.sql.selectMeta, ['log_id']) as string;
  }

  /** Number of a map, the same for the same map; 0, which nothing can be recorded under, while there are no audit tables. */
  idOf(engine: Engine, map: TableMap): number {
    if (!this.areTablesThere(engine)) return 0;
    const text = JSON.stringify(map);
    const numbers = new MapNumbers(this.mapRows(engine));
    if (numbers.of(text) === undefined) engine.execute(this.sql.insertMeta, numbers.add(text));
    return numbers.of(text)!;
  }

  /** Undefined where nothing was recorded under this map. */
  numberOf(engine: Engine, map: TableMap): number | undefined {
    return new MapNumbers(this.mapRows(engine)).of(JSON.stringify(map));
  }

  /** All maps that were ever recorded under, by number. */
  allMaps(engine: Engine): Map<number, TableMap> {
    return new Map(mapTexts(this.mapRows(engine)).map(([number, text]) => [number, JSON.parse(text) as TableMap]));
  }

  /** Every row of the table was in the trail once; one without an entry came later, and not through capture. */
  hasBaseline(engine: Engine, table: string): boolean {
    return engine.scalar(this.sql.selectMeta, [baselinePrefix + table]) !== undefined;
  }

  noteBaseline(engine: Engine, table: string): void {
    if (!this.hasBaseline(engine, table)) {
      engine.execute(this.sql.insertMeta, [baselinePrefix + table, new Date().toISOString()]);
    }
  }

  /** Logs of which entries were delivered from here to an audit database: that of this database, and others that came here. */
  deliveredLogs(engine: Engine): string[] {
    const { rows } = engine.execute(this.sql.selectMetaLike, [`${deliveredPrefix}%`]);
    return (rows as { name: string }[]).map(({ name }) => name.slice(deliveredPrefix.length));
  }

  /** @throws LogElsewhereError where an audit database has a part of the log */
  assertWhole(engine: Engine): void {
    if (this.deliveredLogs(engine).length === 0) return;
    throw new LogElsewhereError(logElsewhere);
  }

  noteDelivered(engine: Engine, logId = this.logId(engine)): void {
    if (engine.scalar(this.sql.selectMeta, [deliveredPrefix + logId]) === undefined) {
      engine.execute(this.sql.insertMeta, [deliveredPrefix + logId, new Date().toISOString()]);
    }
  }

  /** @throws Error where the map is not there: the database was tampered with. */
  map(engine: Engine, id: number): TableMap {
    const map = this.find(engine, id);
    if (!map) throw new Error(`audit_meta has no column map ${id}`);
    return map;
  }

  /** Undefined where there is no such map, or what is there is none. */
  find(engine: Engine, id: number): TableMap | undefined {
    let map = this.maps.get(id);
    if (!map && id > 0) {
      const text = engine.scalar(this.sql.selectMeta, [`${mapPrefix}${id}`]);
      map = typeof text === 'string' ? parseMap(text) : undefined;
      // A rollback that undoes it makes this forget it.
      if (map) this.maps.set(id, map);
    }
    return map;
  }

  /** After a rollback: the number of a map may come to stand for another one. */
  forget(): void {
    this.maps.clear();
  }

  private mapRows(engine: Engine): Record<string, unknown>[] {
    return engine.execute(this.sql.selectMetaLike, [`${mapPrefix}%`]).rows as Record<string, unknown>[];
  }
}

function parseMap(text: string): TableMap | undefined {
  try {
    const map = JSON.parse(text) as Partial<TableMap> | null;
    if (typeof map?.entity !== 'string' || typeof map.table !== 'string' || !Array.isArray(map.columns))
      return undefined;
    const columns: readonly (Partial<MappedColumn> | null)[] = map.columns;
    return columns.every((column) => typeof column?.property === 'string') ? (map as TableMap) : undefined;
  } catch {
    return undefined;
  }
}
