import type { RecordedNames } from './recorded-names';
import type { TableMap } from './table-map';

/** How the log names the rows of a table, now and in earlier shapes of it. */
export interface RowNames {
  /** All classes of an inheritance, earlier names included. */
  entities: readonly string[];
  /** Names that the table had. */
  tables: readonly string[];
  /** Properties of composite keys, in the order of their ids, as recorded and as they are called today. */
  keys: readonly (readonly { recorded: string; today: string }[])[];
}

/** @param maps all that were ever recorded under */
export function rowNamesOf(table: string, maps: Iterable<TableMap>, names: RecordedNames): RowNames {
  const known = names.entitiesOf(table) ?? [];
  const related = [...maps].filter((map) => map.table === table || classesOf(map).some((name) => known.includes(name)));
  return {
    entities: [...new Set([...known, ...related.flatMap(classesOf)])],
    tables: [...new Set([table, ...related.map((map) => map.table)])],
    keys: related.map((map) => keyOf(map, names)).filter((key) => key.length > 1),
  };
}

/** Id of a row under the names of today. */
export function idOfToday(map: TableMap, id: string | null, names: RecordedNames): string | null {
  const key = keyOf(map, names);
  if (id === null || key.length < 2 || key.every(({ recorded, today }) => recorded === today)) return id;
  return idForms([key], id).at(-1)!;
}

/** All texts that stand for the key which this one stands for: the names in a composite one may have changed. */
export function idForms(keys: RowNames['keys'], id: string): string[] {
  const values = parsed(id);
  if (!values) return [id];
  const given = Object.keys(values);
  const source = keys.find((key) =>
    isSame(
      key.map(({ recorded }) => recorded),
      given,
    ),
  );
  const today = new Map(given.map((name, index) => [source?.[index]?.today ?? name, values[name]]));
  const forms = keys
    .filter((key) => key.length === today.size && key.every((part) => today.has(part.today)))
    .flatMap((key) => [text(key, 'recorded', today), text(key, 'today', today)]);
  return [...new Set([id, ...forms])];
}

/** An earlier map of a table with the columns that are renamed under their name of today, by which columns are matched. */
export function alignMap(map: TableMap, today: TableMap, names: RecordedNames): TableMap {
  const renamed = names.properties(map);
  if (renamed.size === 0) return map;
  const moved = new Map<string, string>();
  for (const [recorded, property] of renamed) {
    const column = today.columns.find((candidate) => candidate.property === property);
    if (column) moved.set(recorded, column.name);
  }
  const taken = new Set(moved.values());
  const columns = map.columns.map((column) => {
    const name = moved.get(column.property);
    // Another column had the name then; it is none of today's.
    return { ...column, name: name ?? (taken.has(column.name) ? '' : column.name) };
  });
  return { ...map, columns };
}

function text(key: RowNames['keys'][number], name: 'recorded' | 'today', values: ReadonlyMap<string, unknown>): string {
  return JSON.stringify(Object.fromEntries(key.map((part) => [part[name], values.get(part.today)])));
}

function keyOf(map: TableMap, names: RecordedNames): { recorded: string; today: string }[] {
  const renamed = names.properties(map);
  return map.columns
    .filter(({ primary }) => primary)
    .map(({ property }) => ({ recorded: property, today: renamed.get(property) ?? property }));
}

/** The names under which rows of a map are recorded. */
export function classesOf(map: TableMap): string[] {
  return [map.entity, ...Object.values(map.discriminator?.entities ?? {})];
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}

function parsed(id: string): Record<string, unknown> | undefined {
  if (!id.startsWith('{')) return undefined;
  try {
    return JSON.parse(id) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
