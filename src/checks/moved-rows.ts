import type { Engine } from '../dialect/engine';
import { entityIdOf } from '../model/change';
import type { Image } from '../model/image';
import type { MetaStore } from '../store/meta-store';
import type { LastImage, TrailImages } from '../store/trail-images';
import type { CheckedTable } from './checked-tables';

/** Entries looked through in one turn. */
const entriesPerTurn = 10_000;

/**
 * Rows whose key has changed. The entry of such a change stands under the new key; under the old one the last image is
 * of a row that is no longer there, and rightly so. The log is read only if a row is looked for in vain.
 */
export class MovedRows {
  private readTo = 0;
  /** Last entry after which a row no longer has this id. */
  private readonly left = new Map<string, number>();

  constructor(
    private readonly images: TrailImages,
    private readonly meta: MetaStore,
  ) {}

  /** Reads on, up to the newest entry; false where it takes more turns. */
  catchUp(engine: Engine, { names, map }: CheckedTable): boolean {
    const newest = this.images.newestEntry(engine);
    const to = Math.min(newest, this.readTo + entriesPerTurn);
    const properties = map.columns.filter(({ primary }) => primary).map(({ property }) => property);
    for (const change of this.images.keyChanges(engine, names.entities, properties, [this.readTo, to])) {
      const id = entityIdOf(this.meta.map(engine, change.mapId), JSON.parse(change.before) as Image);
      if (id !== null && id !== change.entityId) this.left.set(id, change.entry);
    }
    this.readTo = to;
    return to === newest;
  }

  has({ entityId, entry }: LastImage): boolean {
    return (this.left.get(entityId) ?? 0) > entry;
  }
}
