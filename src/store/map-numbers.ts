/** Beginning of the names under which `audit_meta` has column maps; their number follows. */
export const mapPrefix = 'map:';

/** A row of `audit_meta`. */
type MetaRow = Readonly<Record<string, unknown>>;

/** JSON texts of column maps by number. @param rows of `selectMetaLike` */
export function mapTexts(rows: readonly MetaRow[]): [number: number, text: string][] {
  return rows.map(({ name, value }) => [Number((name as string).slice(mapPrefix.length)), value as string]);
}

/** Numbers of column maps in one database: the same for the same map. */
export class MapNumbers {
  private readonly numbers = new Map<string, number>();
  private highest = 0;

  /** @param rows of `selectMetaLike`, of all maps that are there */
  constructor(rows: readonly MetaRow[]) {
    for (const [number, text] of mapTexts(rows)) {
      if (!this.numbers.has(text)) this.numbers.set(text, number);
      this.highest = Math.max(this.highest, number);
    }
  }

  /** 0 for what has no map. @param map JSON text */
  of(map: string | null): number | undefined {
    return map === null ? 0 : this.numbers.get(map);
  }

  /** Gives a map a number. @returns the values of the row that is to be written for it */
  add(map: string): [name: string, text: string] {
    this.highest += 1;
    this.numbers.set(map, this.highest);
    return [`${mapPrefix}${this.highest}`, map];
  }

  /** Those that have no number yet, each once, in their order. */
  missing(maps: Iterable<string | null>): string[] {
    return [...new Set(maps)].filter((map): map is string => this.of(map) === undefined);
  }
}
