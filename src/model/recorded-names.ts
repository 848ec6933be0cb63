import { InvalidOptionError } from '../errors';
import type { Image } from './image';
import type { TableMap } from './table-map';

/** What an entity and its properties were called before. */
export interface EarlierNames {
  was?: readonly string[];
  /** Property path of today: its earlier paths. */
  properties?: Readonly<Record<string, readonly string[]>>;
}

/** By the entity's name of today. */
export type Renamed = Readonly<Record<string, EarlierNames>>;

/** A captured table: all its classes, and the property paths of its columns; empty where they are not known. */
export interface NamedTable {
  table: string;
  entities: readonly string[];
  properties: ReadonlySet<string>;
}

export interface NamesGiven {
  renamed: Renamed;
  tables: readonly NamedTable[];
}

interface KnownTable extends NamedTable {
  /** Those of today and all earlier ones. */
  allEntities: readonly string[];
  renamed: readonly (readonly [today: string, earlier: readonly string[]])[];
}

const nothing: ReadonlyMap<string, string> = new Map();

/**
 * Translates the names in the log into those of today. The log itself is never changed: entries keep the names under
 * which they were recorded, and are shown under the others.
 */
export class RecordedNames {
  private readonly today = new Map<string, string>();
  private readonly earlier = new Map<string, string[]>();
  private readonly tables: KnownTable[];
  /** What it was made of: plain data, to make another of it in another thread. */
  readonly given: NamesGiven;
  private readonly ofMap = new WeakMap<TableMap, ReadonlyMap<string, string>>();

  /** @throws InvalidOptionError where a name of today is not there, or an earlier one is ambiguous */
  constructor(renamed: Renamed, tables: readonly NamedTable[]) {
    this.given = { renamed, tables };
    const current = new Set(tables.flatMap(({ entities }) => entities));
    for (const [entity, { was = [] }] of Object.entries(renamed)) {
      if (!current.has(entity)) throw refused(`"${entity}" is no entity that is audited`, entity);
      for (const name of was) {
        if (current.has(name)) throw refused(`"${name}" is the name of an entity of today`, name);
        if (this.today.has(name)) throw refused(`"${name}" is given as an earlier name twice`, name);
        this.today.set(name, entity);
      }
      this.earlier.set(entity, [...was]);
    }
    this.tables = tables.map((table) => ({
      ...table,
      allEntities: table.entities.flatMap((entity) => this.entities(entity)),
      renamed: renamedProperties(renamed, table),
    }));
  }

  /** Name of today of a recorded entity. */
  entity(recorded: string): string {
    return this.today.get(recorded) ?? recorded;
  }

  /** All names of an entity, that of today first. */
  entities(name: string): string[] {
    const today = this.entity(name);
    return [today, ...(this.earlier.get(today) ?? [])];
  }

  /** Names under which the log has what is now this table; undefined for one that is not captured. */
  entitiesOf(table: string): readonly string[] | undefined {
    return this.tables.find((known) => known.table === table)?.allEntities;
  }

  /** Other names of a field, each with the entities in which it is the same. */
  otherFields(field: string): { field: string; entities: readonly string[] }[] {
    return this.tables.flatMap(({ renamed, allEntities }) =>
      renamed
        .map(([today, earlier]) => [today, ...earlier])
        .filter((names) => names.includes(field))
        .flatMap((names) =>
          names.filter((name) => name !== field).map((name) => ({ field: name, entities: allEntities })),
        ),
    );
  }

  /**
   * Properties of a map that have another name today. Where the map has two that are one today, or that of today as well,
   * both keep the names under which they were recorded.
   */
  properties(map: TableMap): ReadonlyMap<string, string> {
    let found = this.ofMap.get(map);
    if (!found) this.ofMap.set(map, (found = this.findProperties(map)));
    return found;
  }

  private findProperties(map: TableMap): ReadonlyMap<string, string> {
    const recorded = [map.entity, ...Object.values(map.discriminator?.entities ?? {})];
    const table = this.tables.find(({ allEntities }) => recorded.some((name) => allEntities.includes(name)));
    if (!table || table.renamed.length === 0) return nothing;
    const there = new Set(map.columns.map(({ property }) => property));
    const found = new Map<string, string>();
    for (const [today, earlier] of table.renamed) {
      const candidates = earlier.filter((name) => there.has(name));
      if (candidates.length === 1 && !there.has(today)) found.set(candidates[0]!, today);
    }
    return found;
  }
}

/** An image under other names; the order of its properties stays. */
export function renameImage(image: Image, names: ReadonlyMap<string, string>): Image {
  if (names.size === 0) return image;
  const renamed = Object.create(null) as Image;
  for (const [property, value] of Object.entries(image)) renamed[names.get(property) ?? property] = value;
  return renamed;
}

function renamedProperties(renamed: Renamed, { entities, properties }: NamedTable) {
  const found = new Map<string, string[]>();
  const taken = new Map<string, string>();
  for (const entity of entities) {
    for (const [today, earlier] of Object.entries(renamed[entity]?.properties ?? {})) {
      if (properties.size > 0 && !properties.has(today)) throw refused(`${entity} has no property "${today}"`, today);
      for (const name of earlier) {
        if (properties.has(name)) throw refused(`"${name}" is a property of ${entity} today`, name);
        if ((taken.get(name) ?? today) !== today) {
          throw refused(`"${name}" of ${entity} is given as the earlier name of two properties`, name);
        }
        taken.set(name, today);
      }
      found.set(today, [...new Set([...(found.get(today) ?? []), ...earlier])]);
    }
  }
  return [...found];
}

function refused(problem: string, value: string): InvalidOptionError {
  return new InvalidOptionError(`The option renamed can't be followed: ${problem}.`, { value });
}
