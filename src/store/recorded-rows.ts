import type { CheckSql } from '../dialect/check-sql';
import type { Engine } from '../dialect/engine';
import type { RowNames } from '../model/row-names';
import { askedIds } from './trail-images';

/** Which rows have an entry. */
export class RecordedRows {
  constructor(private readonly sql: CheckSql) {}

  hasEntries(engine: Engine, entities: readonly string[]): boolean {
    return engine.scalar(this.sql.hasEntries(entities.length), entities) === 1;
  }

  /** Highest id of an entry, 0 without one. */
  newestEntry(engine: Engine): number {
    return Number(engine.scalar(this.sql.newestEntry));
  }

  /** Those of the ids that have an entry. */
  known(engine: Engine, { entities, keys }: RowNames, ids: readonly string[]): Set<string> {
    const asked = askedIds(keys, ids);
    const parameters = [JSON.stringify([...asked.keys()]), ...entities];
    const rows = engine.selectStored(this.sql.selectKnown(entities.length), parameters, () => true);
    return new Set(rows.flatMap(([id]) => asked.get(id as string)!));
  }
}
