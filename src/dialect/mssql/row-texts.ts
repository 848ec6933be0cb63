import type { ServerTable } from '../server-capture';
import { binaryCollation } from './audit-tables';
import { columnType, type TypeTerms } from './column-type';
import { quoteName, quoteText } from './quote';

/** A column as it is recorded, and as the table has it. */
export type Column = ServerTable['columns'][number];

/** Alias of the row: as it is, or as it was. */
export type Side = 'i' | 'd';

/** CONCAT takes 254 values at most; fewer keep statements readable. */
const partsOfConcat = 80;

export function valueOf({ live }: Column, side: Side): string {
  return `${side}.${quoteName(live.name)}`;
}

/** Decided on stored bytes; a row that is not there has NULL, from which every other value differs. */
export function changed({ live }: Column, terms: TypeTerms): string {
  const [before, after] = [`d.${quoteName(live.name)}`, `i.${quoteName(live.name)}`];
  const differs = columnType(live.type, terms)!.differs(before, after);
  return `${differs} OR (${before} IS NULL AND ${after} IS NOT NULL) OR (${before} IS NOT NULL AND ${after} IS NULL)`;
}

export function concat(parts: readonly string[]): string {
  if (parts.length > partsOfConcat) {
    const groups: string[] = [];
    for (let start = 0; start < parts.length; start += partsOfConcat) {
      groups.push(concat(parts.slice(start, start + partsOfConcat)));
    }
    return concat(groups);
  }
  // As long as it takes: 4,000 characters would be all for parts that are shorter each.
  return `CONCAT(CONVERT(nvarchar(max), N''), ${parts.join(',\n    ')}, N'')`;
}

/** Values by the place of their column, null left out; of a redacted one only that an update changed it. */
export function image(columns: readonly Column[], side: Side, isUpdate: string | undefined, terms: TypeTerms): string {
  const values = columns.flatMap((column, place) => {
    const { mapped, live } = column;
    if (!mapped.redacted) return [`${columnType(live.type, terms)!.text(valueOf(column, side))} AS [${place}]`];
    return isUpdate ? [`CASE WHEN ${isUpdate} AND (${changed(column, terms)}) THEN N'1' END AS [${place}]`] : [];
  });
  if (values.length === 0) return `N'{}'`;
  // COALESCE would make the text twice.
  return `ISNULL((SELECT ${values.join(', ')} FOR JSON PATH, WITHOUT_ARRAY_WRAPPER), N'{}')`;
}

/** The class of a row. @param value of the column that tells it */
export function entityOf(
  { map, columns }: Pick<ServerTable, 'map' | 'columns'>,
  value: (column: Column) => string,
  terms: TypeTerms,
): string {
  const entity = quoteText(map.entity);
  const { discriminator } = map;
  const column = discriminator && columns.find(({ mapped }) => mapped.property === discriminator.property);
  if (!column || column.mapped.redacted) return entity;
  const text = columnType(column.live.type, terms)!.text(value(column));
  const cases = Object.entries(discriminator.entities).map(
    ([value, name]) => `WHEN ${quoteText(value)} THEN ${quoteText(name)}`,
  );
  return cases.length === 0 ? entity : `CASE ${text} ${binaryCollation} ${cases.join(' ')} ELSE ${entity} END`;
}

/** The key as the model writes it: a single value as its text, several as the JSON text of an object. */
export function entityId(
  columns: readonly Column[],
  side: Side,
  terms: TypeTerms,
  nameOf = ({ mapped }: Column) => mapped.property,
): string {
  const key = columns.filter(({ mapped }) => mapped.primary);
  if (key.length === 0) return 'NULL';
  if (key.length === 1) return keyText(key[0]!, side, terms);
  const parts = key.map((column, place) => {
    const name = quoteText(`${place === 0 ? '{' : ','}${JSON.stringify(nameOf(column))}:`);
    const text = keyText(column, side, terms);
    return `${name}, ${isBare(column) ? text : `N'"' + ${escaped(text)} + N'"'`}`;
  });
  return `CONCAT(${parts.join(', ')}, N'}')`;
}

/** In JSON without quotation marks. */
function isBare({ mapped }: Column): boolean {
  return mapped.kind === 'integer' || mapped.kind === 'real' || mapped.kind === 'boolean';
}

function keyText(column: Column, side: Side, terms: TypeTerms): string {
  const value = valueOf(column, side);
  const text = columnType(column.live.type, terms)!.text(value);
  switch (column.mapped.kind) {
    case 'boolean':
      return `CASE WHEN ${value} = 1 THEN N'true' ELSE N'false' END`;
    case 'instant':
      return `STUFF(${text}, 11, 1, N'T') + N'Z'`;
    case 'decimal':
      return `CASE WHEN CHARINDEX(N'.', ${text}) = 0 THEN ${text} ELSE ${withoutZeros(text)} END`;
    case 'blob':
      // Base64, as JSON has binary values.
      return `JSON_VALUE((SELECT ${value} AS v FOR JSON PATH, WITHOUT_ARRAY_WRAPPER), '$.v')`;
    default:
      return text;
  }
}

/** Of a number with a point: without the zeros that only fill its scale, and without the point where they were all. */
function withoutZeros(text: string): string {
  const digits = `REPLACE(RTRIM(REPLACE(${text}, N'0', N' ')), N' ', N'0')`;
  return `REPLACE(RTRIM(REPLACE(${digits}, N'.', N' ')), N' ', N'.')`;
}

/**
 * JSON leaves slashes alone; the server escapes them. Columns of a key may have different collations, and texts of two have
 * none together; to some, other characters are a slash.
 */
function escaped(text: string): string {
  return `REPLACE(STRING_ESCAPE(${text}, 'json') ${binaryCollation}, N'\\/', N'/')`;
}
