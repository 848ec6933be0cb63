import type { Engine } from '../dialect/engine';
import type { TableMap } from '../model/table-map';
import { TriggerImage, triggerCodec } from '../model/trigger-image';
import type { MetaStore } from './meta-store';

/** Images in canonical form, also those that triggers wrote in a form of their own. */
export class CanonicalImages {
  /** Maps are few, and never change. */
  private readonly triggerImages = new WeakMap<TableMap, TriggerImage>();

  constructor(private readonly meta: MetaStore) {}

  of(engine: Engine, mapId: number, codec: number | undefined, text: string): string {
    if (codec !== triggerCodec) return text;
    const map = this.meta.map(engine, mapId);
    let image = this.triggerImages.get(map);
    if (!image) this.triggerImages.set(map, (image = new TriggerImage(map)));
    return image.toCanonical(text);
  }
}
