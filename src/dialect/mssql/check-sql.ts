import type { StoredValue } from '../../model/stored-value';
import { storedValue } from '../../model/trigger-image';
import type { OtherLogs } from '../check-sql';
import type { ServerCheckSql, TypedTable } from '../server-check-sql';
import { nowMs } from './audit-tables';
import { baselineSql } from './baseline-sql';
import { behindKey, keyColumns, weighing } from './chunk-sql';
import { columnType, type TypeTerms } from './column-type';
import { contextParameters, hasImage, writeContext } from './own-entries';
import { pathIn, quoteName, quoteText } from './quote';
import { passingBy, patient } from './store-sql';
import { boundText, keyFromText } from './stored-text';

const binary = 'COLLATE Latin1_General_BIN2';

/** @param schema of the audit tables and of tables whose path names none */
export function checkSql(schema: string, terms: TypeTerms): ServerCheckSql {
  const [entry, uncounted, meta] = ['audit_entry', 'audit_uncounted', 'audit_meta'].map(
    (table) => `${quoteName(schema)}.${quoteName(table)}`,
  );
  const inSchema = (table: string) => pathIn(schema, table);
  const textOf = (table: TypedTable, name: string, alias: string) =>
    columnType(typeOf(table, name), terms)!.text(`${alias}.${quoteName(name)}`);
  const stored = (table: TypedTable, name: string, text: unknown): StoredValue =>
    typeof text === 'string' ? storedValue(columnType(typeOf(table, name), terms)!.kind, text) : null;
  /** Rows of a list of keys that have one, with the place of each. */
  const found = (table: TypedTable, keys: readonly (readonly StoredValue[])[], hint: string, join: string) => {
    const columns = keyColumns(table);
    const names = columns.map((_, place) => `k${place}`);
    const same = columns.map((column, place) => `r.${quoteName(column.name)} = ${keyFromText(column, `k.k${place}`)}`);
    const from = `${listed(keys.length, names)} ${join} ${inSchema(table.table)} r ${hint} ON ${same.join(' AND ')}`;
    return { from, parameters: keys.flatMap((key) => key.map(boundText)) };
  };

  return {
    mostIds: 1000,
    // The number of an entry is the last part of the index on entity and id.
    selectLast: (ids, entities, logs = []) => ({
      sql: `SELECT k.id AS c0, e.entity AS c1, e.after_image AS c2, e.schema_version AS c3, e.id AS c4, e.codec AS c5, e.log_id AS c6, e.seq AS c7
        FROM ${listed(ids.length, ['id'])}
        CROSS APPLY (SELECT TOP (1) x.id, x.entity, x.after_image, x.schema_version, x.codec, x.log_id, x.seq FROM ${entry} x ${patient}
          WHERE x.entity IN (${texts(entities)}) AND x.entity_id = CONVERT(nvarchar(560), k.id) ${binary} AND x.${hasImage}${of(logs)}
          ORDER BY x.id DESC) e
        ORDER BY k.place`,
      parameters: [...ids, ...logs],
    }),
    selectLeft: (ids, entities, logs = []) => ({
      sql: `SELECT k.place AS c0 FROM ${listed(ids.length, ['id', 'entry'])} WHERE EXISTS (SELECT 1 FROM ${entry} x ${patient}
        WHERE x.entity IN (${texts(entities)}) AND x.moved_from = CONVERT(nvarchar(560), k.id) ${binary}
          AND x.id > CONVERT(bigint, k.entry)${of(logs)})`,
      parameters: [...ids.flat(), ...logs],
    }),
    selectIds: (entity, after, limit, logs = []) => ({
      sql: `SELECT entity_id AS c0, COUNT(*) AS c1 FROM ${entry} ${passingBy} WHERE entity = ? AND entity_id ${after === undefined ? '>=' : '>'} ?${of(logs)}
        GROUP BY entity_id ORDER BY entity_id OFFSET 0 ROWS FETCH NEXT ? ROWS ONLY`,
      parameters: [entity, after ?? '', ...logs, limit],
    }),
    countEntries: (entities, logs = []) => ({
      sql: `SELECT COUNT(*) FROM ${entry} ${passingBy} WHERE entity IN (${places(entities.length)}) AND entity_id IS NOT NULL${of(logs)}`,
      parameters: [...entities, ...logs],
    }),
    countRows: (table) => `SELECT COUNT(*) FROM ${inSchema(table)} ${passingBy}`,
    isWeighed: (table) => weighing(table) !== undefined,
    selectRows(table, after, maxRows, maxBytes) {
      const texts = table.columns.map(({ name, redacted }, place) => {
        return `${redacted ? 'NULL' : textOf(table, name, 'r')} AS c${place}`;
      });
      const { declare, from, orderBy, parameters } = behindKey(table, after, inSchema(table.table), '?', maxBytes);
      return {
        sql: `${declare} SELECT ${texts.join(', ')} FROM ${from} ${orderBy}`,
        parameters: [...parameters, maxRows],
      };
    },
    toStored: (table, row) => table.columns.map(({ name }, place) => stored(table, name, row[place])),
    mostKeys: (table) => Math.min(1000, Math.floor(mostParameters / table.key.length)),
    selectKeys(table, keys, rows) {
      const values = table.key.map((name, place) => `, ${textOf(table, name, 'r')} AS c${place}`);
      const { from, parameters } = found(table, keys, rows === 'free' ? passingBy : '', 'JOIN');
      return { sql: `SELECT k.place${values.join('')} FROM ${from}`, parameters };
    },
    toKey: (table, row) => table.key.map((name, place) => stored(table, name, row[place])),
    // By a loop, so that no row is locked but those that are asked for.
    lockKeys(table, keys) {
      const { from, parameters } = found(table, keys, 'WITH (UPDLOCK, HOLDLOCK, ROWLOCK)', 'INNER LOOP JOIN');
      return { sql: `SELECT COUNT(*) FROM ${from}`, parameters };
    },
    mostEntries: Math.floor(mostParameters / entryValues.length) - 1,
    writeContext: (transaction) => ({
      sql: `SET NOCOUNT ON; ${writeContext(schema)}`,
      parameters: contextParameters(transaction),
    }),
    writeEntries: (entries, { transactionId, actor, correlationId, contextId }) => ({
      sql: `SET NOCOUNT ON; DECLARE @transaction nvarchar(64) = ?, @actor nvarchar(255) = ?, @correlation nvarchar(255) = ?, @context nvarchar(36) = ?;
        INSERT INTO ${entry} (transaction_id, entity, table_name, entity_id, operation, before_image, after_image, changed_fields,
          schema_version, actor, correlation_id, context_id, recorded_at, codec)
        OUTPUT inserted.id INTO ${uncounted} (id)
        SELECT @transaction, ${entryValues.map((name) => `k.[${name}]`).join(', ')}, @actor, @correlation, @context, ${nowMs}, 1
        FROM ${listed(entries.length, entryValues)}`,
      parameters: [
        ...[transactionId, actor, correlationId, contextId],
        ...entries.flatMap((listing) => entryValues.map((name) => listing[name])),
      ],
    }),
    recordChunk: baselineSql(schema, terms),
    selectOwn: `SELECT id, entity_id FROM ${entry} WHERE transaction_id = ?`,
    noteBaseline: (table) => ({
      sql: `DECLARE @name nvarchar(400) = ?; INSERT INTO ${meta} (name, value)
        SELECT @name, CONVERT(nvarchar(33), SYSUTCDATETIME(), 126) + N'Z'
        WHERE NOT EXISTS (SELECT 1 FROM ${meta} WITH (UPDLOCK, HOLDLOCK) WHERE name = @name)`,
      parameters: [`baseline:${table}`],
    }),
  };
}

const entryValues = ['entity', 'table', 'id', 'operation', 'before', 'after', 'fields', 'map'] as const;

/** Less than what a statement can have, which has some of its own. */
const mostParameters = 2000;

/** Values that are given as parameters, row by row, as table k; each row with its place. */
function listed(rows: number, names: readonly string[]): string {
  const values = names.map(() => '?').join(', ');
  const list = Array.from({ length: rows }, (_, place) => `(${place}, ${values})`).join(', ');
  return `(VALUES ${list}) k (place, ${names.map((name) => `[${name}]`).join(', ')})`;
}

function texts(names: readonly string[]): string {
  return names.map(quoteText).join(', ');
}

function typeOf({ live }: TypedTable, name: string): string {
  return live.find((column) => column.name === name)!.type;
}

function of(logs: OtherLogs): string {
  return logs.length > 0 ? ` AND log_id IN (${places(logs.length)})` : '';
}

function places(count: number): string {
  return Array.from({ length: count }, () => '?').join(', ');
}
