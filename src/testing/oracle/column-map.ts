/** What `map:N` of `audit_meta` says about the columns of a table, as far as the suite needs it. */
export interface ColumnMap {
  entity: string;
  table: string;
  columns: {
    name: string;
    property: string;
    kind: string;
    primary?: boolean;
    masked?: boolean;
    redacted?: boolean;
  }[];
  discriminator?: { property: string; entities: Record<string, string> };
  deleteDate?: string;
  junction?: boolean;
}

export type ColumnMaps = ReadonlyMap<number, ColumnMap>;

/** From the rows of `audit_meta`, read past the library. @param kinds names of those that are decoded in another way */
export function toColumnMaps(
  rows: readonly { name: string; value: string }[],
  kinds: Readonly<Record<string, string>> = {},
): ColumnMaps {
  const maps = rows.filter(({ name }) => name.startsWith('map:'));
  return new Map(
    maps.map(({ name, value }) => {
      const map = JSON.parse(value) as ColumnMap;
      const columns = map.columns.map((column) => ({ ...column, kind: kinds[column.kind] ?? column.kind }));
      return [Number(name.slice('map:'.length)), { ...map, columns }];
    }),
  );
}

/** Every `Entity.property` that is shown only on demand, to demand them all. */
export function maskedProperties(maps: ColumnMaps): string[] {
  return [...maps.values()].flatMap(({ entity, discriminator, columns }) => {
    const names = [entity, ...Object.values(discriminator?.entities ?? {})];
    const masked = columns.filter((column) => column.masked).map(({ property }) => property);
    return names.flatMap((name) => masked.map((property) => `${name}.${property}`));
  });
}
