import type { Engine } from '../dialect/engine';
import type { StoreSql } from '../dialect/store-sql';
import type { TableMap } from '../model/table-map';

const mapPrefix = 'map:';

/** `audit_meta`: the log's own id, and the column maps under which changes were recorded. */
export class MetaStore {
  private readonly maps = new Map<number, TableMap>();

  constructor(private readonly sql: StoreSql) {}

  areTablesThere(engine: Engine): boolean {
    return engine.scalar(this.sql.hasAuditTables) === 5;
  }

  logId(engine: Engine): string {
    return engine.scalar(this.sql.selectMeta, ['log_id']) as string;
  }

  /** Number of a map, the same for the same map; 0, which nothing can be recorded under, while there are no audit tables. */
  idOf(engine: Engine, map: TableMap): number {
    if (!this.areTablesThere(engine)) return 0;
    const text = JSON.stringify(map);
    const { rows } = engine.execute(this.sql.selectMetaLike, [`${mapPrefix}%`]);
    const known = rows as { name: string; value: string }[];
    const same = known.find(({ value }) => value === text);
    if (same) return Number(same.name.slice(mapPrefix.length));
    const id = known.reduce((highest, { name }) => Math.max(highest, Number(name.slice(mapPrefix.length))), 0) + 1;
    engine.execute(this.sql.insertMeta, [`${mapPrefix}${id}`, text]);
    return id;
  }

  /** @throws Error where the map is not there: the database was tampered with. */
  map(engine: Engine, id: number): TableMap {
    let map = this.maps.get(id);
    if (!map) {
      const text = engine.scalar(this.sql.selectMeta, [`${mapPrefix}${id}`]);
      if (typeof text !== 'string') throw new Error(`audit_meta has no column map ${id}`);
      // Kept only once it is read from committed data: drains and reads run in transactions of their own.
      this.maps.set(id, (map = JSON.parse(text) as TableMap));
    }
    return map;
  }
}
