import type { StoredValue } from '../../model/stored-value';
import type { LiveServerColumn } from '../server-capture';
import type { TypedTable } from '../server-check-sql';
import { quoteName } from './quote';
import { boundText, keyFromText } from './stored-text';

/** Columns of the key, in its order. */
export function keyColumns({ key, live }: TypedTable): LiveServerColumn[] {
  return key.map((name) => live.find((column) => column.name === name)!);
}

const unlimited = /\(max\)$|^(?:xml|json|geography|geometry)$/i;

/** Bytes of a row in columns that may have any number of them; undefined where there is no such column. */
export function weighing({ columns, live }: TypedTable): string | undefined {
  const large = columns.filter(
    ({ name, redacted }) => !redacted && unlimited.test(live.find((column) => column.name === name)!.declaration),
  );
  if (large.length === 0) return undefined;
  return large.map(({ name }) => `COALESCE(CONVERT(bigint, DATALENGTH(r.${quoteName(name)})), 0)`).join(' + ');
}

/**
 * Rows behind a key in the order of the key, as `r`: at most as many as the place says, and beyond the first about so many
 * bytes of values. Parameters: the key, then what is at the place.
 */
export function behindKey(
  table: TypedTable,
  after: readonly StoredValue[] | undefined,
  path: string,
  limit: string,
  maxBytes: number,
  hint = '',
): { declare: string; from: string; orderBy: string; parameters: (string | null)[] } {
  const keys = keyColumns(table);
  const orderBy = `ORDER BY ${keys.map(({ name }) => `r.${quoteName(name)}`).join(', ')}`;
  const where = after === undefined ? '' : `WHERE ${behind(keys, 0)}`;
  const weight = weighing(table);
  const [own, sum] =
    weight === undefined
      ? ['', '']
      : [
          `CROSS APPLY (SELECT ${weight} AS bytes) w`,
          `, SUM(w.bytes) OVER (${orderBy} ROWS UNBOUNDED PRECEDING) - w.bytes AS [audit_trail_bytes]`,
        ];
  // By their names: the columns of a temporal table's period may be hidden from *.
  const names = [...new Set(table.live.map(({ name }) => `r.${quoteName(name)}`))].join(', ');
  const rows = `(SELECT TOP (${limit}) ${names}${sum} FROM ${path} r ${hint} ${own} ${where} ${orderBy}) r`;
  const variables = keys.map((column, place) => {
    return hasCodePage(column)
      ? `@k${place} nvarchar(4000) = ?`
      : `@k${place} ${column.declaration} = ${keyFromText(column, '?')}`;
  });
  return {
    declare: after === undefined ? '' : `DECLARE ${variables.join(', ')};`,
    from: weight === undefined ? rows : `${rows} WHERE r.[audit_trail_bytes] < ${maxBytes}`,
    orderBy,
    parameters: (after ?? []).map(boundText),
  };
}

/** A variable of such a type has the code page of the database, and may not hold what the column holds. */
function hasCodePage({ type, collation }: LiveServerColumn): boolean {
  return collation !== null && /^(?:var)?char$/i.test(type);
}

/** The first column by itself too: an index is entered by it. */
function behind(keys: readonly LiveServerColumn[], place: number): string {
  const column = keys[place]!;
  const name = `r.${quoteName(column.name)}`;
  const variable = hasCodePage(column) ? keyFromText(column, `@k${place}`) : `@k${place}`;
  if (place === keys.length - 1) return `${name} > ${variable}`;
  const entry = place === 0 ? `${name} >= ${variable} AND ` : '';
  return `${entry}(${name} > ${variable} OR (${name} = ${variable} AND ${behind(keys, place + 1)}))`;
}
