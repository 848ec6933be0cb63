import type { Engine } from '../dialect/engine';
import { Unanswered } from '../dialect/replayed';
import { UnsupportedOperationError } from '../errors';
import type { RowNames } from '../model/row-names';
import type { TableMap } from '../model/table-map';
import type { MetaStore } from './meta-store';
import type { ImageLimits, ImageSource, LastImage, TrailImages } from './trail-images';

/** The part of a log that has been delivered to another database, asked there. Plain data both ways. */
export interface DeliveredLog {
  /** The log of this database; the others were moved here before they were delivered. */
  readonly ownLog: string;
  lastImages(asked: { names: RowNames; ids: readonly string[]; maxBytes?: number | undefined }): Promise<LastImages>;
  /** Places of those that a row has left for another key. */
  leftImages(asked: { names: RowNames; images: readonly LastImage[] }): Promise<number[]>;
  recordedIds(asked: {
    entity: string;
    after: string | undefined;
    limit: number;
  }): Promise<{ id: string; entries: number }[]>;
  countEntries(asked: { entities: readonly string[] }): Promise<number>;
}

/** Images with numbers of that database, and the column maps that these stand for. */
export interface LastImages {
  images: LastImage[];
  isCut: boolean;
  maps: [number, TableMap][];
}

/**
 * What the trail says of rows where most of it has been delivered to another database. What is here is asked first:
 * what is delivered meanwhile is there by then. The number of an image is that which its entry was made with here.
 */
export class DeliveredImages implements ImageSource {
  private readonly answers = new Map<string, unknown>();
  private readonly placesThere = new WeakMap<LastImage, number>();

  constructor(
    private readonly here: TrailImages,
    private readonly meta: MetaStore,
    private readonly log: DeliveredLog,
  ) {}

  /** Runs a look: its answers are about that moment. @param replay runs it until it has them all */
  look<T>(replay: () => Promise<T>): Promise<T> {
    this.answers.clear();
    return replay();
  }

  /** Of all that was delivered, which is what the trail had when the check began. */
  ids(_: Engine, entity: string, after: string | undefined, limit: number): { id: string; entries: number }[] {
    return this.answer('recordedIds', { entity, after, limit });
  }

  last(engine: Engine, names: RowNames, ids: readonly string[], { maxBytes }: ImageLimits = {}) {
    const here = this.here.last(engine, names, ids).images;
    const there = this.answer('lastImages', { names, ids, maxBytes });
    const maps = new Map(there.maps.map(([number, map]) => [number, this.numberHere(engine, map)]));
    const images = new Map(there.images.map((image) => [image.askedId, this.asHere(image, maps)]));
    const lastId = there.isCut ? there.images.at(-1)!.askedId : ids.at(-1);
    for (const image of here) images.set(image.askedId, image);
    const seen = lastId === undefined ? [] : ids.slice(0, ids.indexOf(lastId) + 1);
    return { images: seen.flatMap((id) => images.get(id) ?? []), isCut: there.isCut };
  }

  left(engine: Engine, names: RowNames, images: readonly LastImage[]): Set<LastImage> {
    const left = this.here.left(engine, names, images);
    const there = images.filter((image) => this.placesThere.has(image));
    if (there.length === 0) return left;
    const asked = there.map((image) => ({ ...image, after: null, entry: this.placesThere.get(image)! }));
    for (const place of this.answer('leftImages', { names, images: asked })) left.add(there[place]!);
    return left;
  }

  private asHere(image: LastImage, maps: ReadonlyMap<number, number>): LastImage {
    const isOwn = image.origin?.logId === this.log.ownLog;
    const seq = image.origin?.seq ?? 0;
    const translated = {
      ...image,
      mapId: maps.get(image.mapId)!,
      // What another log has brought is older than all that was made here.
      entry: isOwn ? seq : -seq,
      origin: isOwn ? null : image.origin,
    };
    this.placesThere.set(translated, image.entry);
    return translated;
  }

  private numberHere(engine: Engine, map: TableMap): number {
    const number = this.meta.numberOf(engine, map);
    if (number !== undefined) return number;
    throw new UnsupportedOperationError(
      `The audit database has entries of "${map.table}" in a shape that this database has never recorded.`,
    );
  }

  private answer<Name extends Question>(name: Name, asked: Parameters<DeliveredLog[Name]>[0]): Answer<Name> {
    const key = JSON.stringify([name, asked]);
    if (this.answers.has(key)) return this.answers.get(key) as Answer<Name>;
    const ask = this.log[name].bind(this.log) as (asked: unknown) => Promise<unknown>;
    throw new Unanswered(async () => this.answers.set(key, await ask(asked)));
  }
}

type Question = 'lastImages' | 'leftImages' | 'recordedIds';
type Answer<Name extends Question> = Awaited<ReturnType<DeliveredLog[Name]>>;
