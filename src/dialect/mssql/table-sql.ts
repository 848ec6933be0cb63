import { storedValue } from '../../model/trigger-image';
import type { StoredValue } from '../../model/stored-value';
import type { LiveServerColumn } from '../server-capture';
import type { ServerTableSql } from '../table-sql';
import { behindKey } from './chunk-sql';
import { columnType, type TypeTerms } from './column-type';
import { namedAlike, normal, plain } from './moved-values';
import { plannedColumn } from './planned-column';
import { pathIn, quoteName, quoteText } from './quote';
import { boundText, fromText } from './stored-text';

/** The temporary table of a connection in which rows wait. */
export const stagingTable = '#audit_trail_rows';

/** @param schema of tables whose path names none */
export function tableSql(schema: string, terms: TypeTerms): ServerTableSql {
  const inSchema = (table: string) => pathIn(schema, table);
  const pathOf = (object: string, owner: string) =>
    `CASE WHEN ${owner}.name = ${quoteText(schema)} THEN N'' ELSE ${owner}.name + N'.' END + ${object}.name`;
  const kindOf = ({ type }: LiveServerColumn) => columnType(type, terms)?.kind ?? 'text';
  // Binary values come as they are; all others as texts, which say them exactly.
  const valueOf = (column: LiveServerColumn) => {
    const value = `r.${quoteName(column.name)}`;
    if (kindOf(column) === 'blob') return `CONVERT(varbinary(max), ${value})`;
    return columnType(column.type, terms)?.text(value) ?? `CONVERT(nvarchar(max), ${value})`;
  };

  return {
    selectReferences: `SELECT ${pathOf('t', 's')} AS [table], ${pathOf('u', 'v')} AS [to], f.name AS name
      FROM sys.foreign_keys f
      JOIN sys.tables t ON t.object_id = f.parent_object_id JOIN sys.schemas s ON s.schema_id = t.schema_id
      JOIN sys.tables u ON u.object_id = f.referenced_object_id JOIN sys.schemas v ON v.schema_id = u.schema_id
      WHERE f.is_disabled = 0`,
    countRows: (table) => `SELECT COUNT_BIG(*) AS [count] FROM ${inSchema(table)} WITH (READCOMMITTEDLOCK)`,
    selectRows(rows, after, maxRows, maxBytes) {
      const values = rows.columns.map((column, place) => `${valueOf(column)} AS c${place}`).join(', ');
      if (rows.key.length === 0) {
        // Rows that are equal in all columns are each other's; so the order need not tell them apart.
        const order = rows.columns.map((column) => sortable(valueOf(column), kindOf(column) === 'blob')).join(', ');
        return {
          sql: `SELECT ${values} FROM ${inSchema(rows.table)} r WITH (READCOMMITTEDLOCK) ORDER BY ${order} OFFSET ? ROWS FETCH NEXT ? ROWS ONLY`,
          parameters: [after && 'row' in after ? after.row : 0, maxRows],
        };
      }
      const table = {
        table: rows.table,
        columns: rows.columns.map(({ name }) => ({ name, property: name, kind: 'any' as const })),
        key: rows.key.map(({ name }) => name),
        live: [...rows.columns, ...rows.key],
      };
      const key = after && 'key' in after ? after.key : undefined;
      const { declare, from, orderBy, parameters } = behindKey(
        table,
        key,
        inSchema(rows.table),
        '?',
        maxBytes,
        'WITH (READCOMMITTEDLOCK)',
      );
      return {
        sql: `${declare} SELECT ${values} FROM ${from} ${orderBy}`,
        parameters: [...parameters, maxRows],
      };
    },
    toStored: (rows, row) =>
      rows.columns.map((column, place): StoredValue => {
        const value = row[place] as string | Buffer | null;
        return typeof value === 'string' ? storedValue(kindOf(column), value) : value;
      }),
    staged: (rows) =>
      rows.columns.map((column, place) => ({
        name: `c${place}`,
        type: kindOf(column) === 'blob' ? 'binary' : 'text',
        length: undefined,
      })),
    toStaged: (rows, row) =>
      rows.columns.map((column, place) => {
        const value = row[place] ?? null;
        return kindOf(column) === 'blob' ? value : boundText(value);
      }),
    selectTriggers: (table) =>
      `SELECT g.name AS name FROM sys.triggers g WHERE g.parent_id = OBJECT_ID(${quoteText(inSchema(table))}) AND g.is_disabled = 0`,
    takeStaged(rows, { triggers, references }) {
      const path = inSchema(rows.table);
      const each = (names: readonly string[], statement: (name: string) => string) =>
        names.map((name) => statement(quoteName(name)));
      const keys = references.flatMap(({ name }) => name ?? []);
      const names = rows.columns.map(({ name }) => quoteName(name)).join(', ');
      const values = rows.columns.map((column, place) => {
        const staged = `k.c${place}`;
        return kindOf(column) === 'blob' ? `CONVERT(${column.declaration}, ${staged})` : fromText(column, staged);
      });
      const insert = `INSERT INTO ${path} (${names}) SELECT ${values.join(', ')} FROM ${stagingTable} k`;
      const isNumbered = rows.columns.some(({ isIdentity }) => isIdentity);
      return [
        ...each(triggers, (name) => `DISABLE TRIGGER ${name} ON ${path}`),
        ...each(keys, (name) => `ALTER TABLE ${path} NOCHECK CONSTRAINT ${name}`),
        isNumbered ? `SET IDENTITY_INSERT ${path} ON; ${insert}; SET IDENTITY_INSERT ${path} OFF` : insert,
        `DROP TABLE ${stagingTable}`,
        ...each(keys, (name) => `ALTER TABLE ${path} CHECK CONSTRAINT ${name}`),
        ...each(triggers, (name) => `ENABLE TRIGGER ${name} ON ${path}`),
      ];
    },
    // 547: the statement conflicted with the constraint.
    enforce: ({ table, name }) =>
      `BEGIN TRY ALTER TABLE ${inSchema(table)} WITH CHECK CHECK CONSTRAINT ${quoteName(name ?? '')} END TRY
        BEGIN CATCH IF ERROR_NUMBER() = 547 SELECT 1 AS refused; ELSE THROW; END CATCH`,
    selectNumber: (table) =>
      `SELECT CONVERT(nvarchar(40), i.seed_value) AS seed, CONVERT(nvarchar(40), i.increment_value) AS increment, CONVERT(nvarchar(40), i.last_value) AS last
        FROM sys.identity_columns i WHERE i.object_id = OBJECT_ID(${quoteText(inSchema(table))})`,
    restartNumber: (table, number) => `DBCC CHECKIDENT (${plainText(inSchema(table))}, RESEED, ${number})`,
    namedAlike,
    planned: plannedColumn,
    normal,
    plain,
  };
}

/** The command knows a name as a plain literal; of wide characters where it has some. */
function plainText(name: string): string {
  return /^[ -~]*$/.test(name) ? quoteText(name).slice(1) : quoteText(name);
}

/** As text by its bytes. Blanks at the end would not count, but for what stands behind them. */
function sortable(value: string, isBinary: boolean): string {
  return isBinary ? value : `${value} COLLATE Latin1_General_BIN2 + N'.'`;
}
