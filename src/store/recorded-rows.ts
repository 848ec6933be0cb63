import type { CheckSql } from '../dialect/check-sql';
import type { Engine } from '../dialect/engine';
import type { RowNames } from '../model/row-names';
import { askedIds, type ImageSource } from './trail-images';

/** Where a baseline finds which rows have an entry. */
export type RecordedSource = Pick<RecordedRows, 'hasEntries' | 'newestEntry' | 'known'>;

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

/** The same where most of the trail is in another database, so that each row has to be asked for. */
export class RecordedElsewhere implements RecordedSource {
  constructor(private readonly images: ImageSource) {}

  hasEntries(): boolean {
    return true;
  }

  newestEntry(): number {
    return 0;
  }

  known(engine: Engine, names: RowNames, ids: readonly string[]): Set<string> {
    return new Set(this.images.last(engine, names, ids).images.map(({ askedId }) => askedId));
  }
}
