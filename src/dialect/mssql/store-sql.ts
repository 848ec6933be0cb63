import type { Condition, EntryIndex, PortableScope, ReadSql } from '../store-sql';
import { binaryCollation } from './audit-tables';
import { commitHorizon } from './commit-horizon';
import { quoteName } from './quote';
import { missingBits } from './record-sql';
import { holdRollUps } from './rollup-lock';

/**
 * What has not committed is passed by instead of waited for: by a reader whose own flow holds it, for ever. The locks are
 * asked for expressly, because a database may be set to read versions of rows, which can't be passed by.
 */
export const passingBy = 'WITH (READCOMMITTEDLOCK, READPAST)';
/** Waits for it: for who must know all that led to a row, and holds a lock on that. */
export const patient = 'WITH (READCOMMITTEDLOCK)';

/** As in `2026-11-21T07:35`. In minutes, because seconds are too many for a number of 32 bits from 2038 on. */
const minute = `REPLACE(CONVERT(nvarchar(16), DATEADD(minute, recorded_at / 60000, CONVERT(datetime2(0), '1970-01-01')), 120), N' ', N'T')`;

/**
 * An entry's share of the roll-ups, as `store/rollup.ts` has it for writers that count by themselves. Its literals have the
 * collation of the database, which SQL Server adds to and compares with no other: so that of the tables is said.
 */
export function rollUpRows(entries: string): string {
  return `SELECT p.period, p.bucket, p.entity, p.operation, p.actor, COUNT_BIG(*) AS entries, MIN(p.id) AS first_id, MAX(p.id) AS last_id
    FROM (SELECT id, entity, operation, actor, missing, ${minute} AS moment FROM ${entries}) e
    CROSS APPLY (VALUES
      (N'hour' ${binaryCollation}, LEFT(e.moment, 13) ${binaryCollation}, e.entity, e.operation, N'', CONVERT(bigint, NULL)),
      (N'day', LEFT(e.moment, 10), e.entity, e.operation, N'', NULL),
      (N'two-months', LEFT(e.moment, 7), N'', N'', e.actor, NULL),
      (N'two-months', CONVERT(nvarchar(7), DATEADD(month, 1, CONVERT(datetime2(0), LEFT(e.moment, 7) + N'-01')), 120), N'', N'', e.actor, NULL),
      (N'total', N'', e.entity, e.operation, N'', NULL),
      (N'missing', N'context', e.entity, N'', CASE WHEN e.missing & ${missingBits.context} <> 0 THEN N'' END, NULL),
      (N'missing', N'reason', e.entity, N'', CASE WHEN e.missing & ${missingBits.reason} <> 0 THEN N'' END, NULL),
      (N'every-minute', LEFT(e.moment, 16), N'', N'', N'', e.id),
      (N'every-hour', LEFT(e.moment, 13), N'', N'', N'', e.id)
    ) p (period, bucket, entity, operation, actor, id)
    WHERE p.actor IS NOT NULL
    GROUP BY p.period, p.bucket, p.entity, p.operation, p.actor`;
}

function where(conditions: readonly Condition[]): string {
  return conditions.length > 0 ? `WHERE ${conditions.map(({ sql }) => `(${sql})`).join(' AND ')}` : '';
}

const scopes: Record<PortableScope, string> = {
  stretch: 'e.id > ? AND e.id <= ?',
  foreign: 'e.log_id = ? AND e.seq BETWEEN ? AND ?',
  own: 'e.log_id IS NULL AND e.id BETWEEN ? AND ?',
  committed: 'e.id <= ?',
  listed: 'e.id IN (SELECT CONVERT(bigint, value) FROM OPENJSON(?))',
};

/**
 * A query of roll-ups and of the entries that they do not hold yet, `uncounted`; `all` is the shares of both. None of it
 * moves from here to there meanwhile: for as long as the query takes, no roll-up is at work. It is a transaction of its own,
 * which an error ends.
 */
function whileCountsStand(
  schema: string,
  committed: string,
  query: (all: string, uncounted: string) => string,
): string {
  const [entry, uncounted, rollup] = ['audit_entry', 'audit_uncounted', 'audit_rollup'].map(
    (table) => `${quoteName(schema)}.${quoteName(table)}`,
  );
  const tail = `(SELECT e.id, e.entity, e.operation, e.actor, e.missing, e.recorded_at
    FROM ${uncounted} u ${committed} JOIN ${entry} e ${committed} ON e.id = u.id) t`;
  const all = `(SELECT period, bucket, entity, operation, actor, entries, first_id, last_id FROM ${rollup}
    UNION ALL ${rollUpRows(tail)})`;
  return `SET NOCOUNT ON; SET XACT_ABORT ON; BEGIN TRANSACTION; ${holdRollUps('Shared')};
    ${query(all, tail)};
    COMMIT TRANSACTION`;
}

/** What `warnOnly` let through: rows of `PolicyWarning`. */
export function selectWarned(schema: string): string {
  return whileCountsStand(
    schema,
    passingBy,
    (all) => `SELECT entity, bucket AS missing, SUM(entries) AS [count] FROM ${all} r
    WHERE period = N'missing' GROUP BY entity, bucket`,
  );
}

/** @param schema of the audit tables @param committed how a table is read */
export function storeSql(schema: string, committed = passingBy): ReadSql {
  const name = (table: string) => `${quoteName(schema)}.${quoteName(table)}`;
  const [entry, context, meta, rollup] = ['audit_entry', 'audit_context', 'audit_meta', 'audit_rollup'].map(name);
  const counted = (query: (all: string, uncounted: string) => string) => whileCountsStand(schema, committed, query);
  // The value has another collation than the column.
  const logId = `COALESCE(e.log_id ${binaryCollation}, (SELECT value FROM ${meta} WHERE name = N'log_id'))`;
  const sizes = `SELECT id, COALESCE(DATALENGTH(before_image), 0) + COALESCE(DATALENGTH(after_image), 0) AS bytes FROM ${entry}`;
  return {
    hasAuditTables: `SELECT CASE WHEN COUNT(*) = 5 THEN 6 ELSE 0 END FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id
      WHERE s.name = N'${schema.replaceAll("'", "''")}' AND t.name IN (N'audit_entry', N'audit_uncounted', N'audit_context', N'audit_rollup', N'audit_meta')`,
    selectMeta: `SELECT value FROM ${meta} WHERE name = ?`,
    selectMetaLike: `SELECT name, value FROM ${meta} WHERE name LIKE ?`,
    insertMeta: `INSERT INTO ${meta} (name, value) VALUES (?, ?)`,
    deleteMeta: `DELETE FROM ${meta} WHERE name = ?`,
    selectExtent: `SELECT COUNT_BIG(*) AS entries, COALESCE(MAX(id), 0) AS last FROM ${entry} WITH (READCOMMITTEDLOCK)`,
    selectSummary: counted(
      (all) => `SELECT period, bucket, entity, operation, SUM(entries) AS entries FROM ${all} r
      WHERE period = N'total' OR (period = N'every-hour' AND bucket >= ?) GROUP BY period, bucket, entity, operation`,
    ),
    selectTopActors: counted(
      (all) => `SELECT actor AS name, SUM(entries) AS [count] FROM ${all} r WHERE period = N'two-months' AND bucket = ?
      GROUP BY actor ORDER BY [count] DESC, name OFFSET 0 ROWS FETCH NEXT ? ROWS ONLY`,
    ),
    selectIdRange: counted(
      (_all, uncounted) => `SELECT MIN(r.first_id) AS first, MAX(r.last_id) AS last
      FROM (SELECT ${['from_hour', 'from_minute', 'to_hour', 'to_minute'].map((name) => `CONVERT(nvarchar(16), ?) ${binaryCollation} AS ${name}`).join(', ')}) s
      CROSS APPLY (SELECT first_id, last_id FROM ${rollup} WHERE period = N'every-hour' AND bucket > s.from_hour AND bucket < s.to_hour
        UNION ALL SELECT first_id, last_id FROM ${rollup} WHERE period = N'every-minute' AND bucket >= s.from_minute AND bucket <= s.to_minute
          AND (LEFT(bucket, 13) = s.from_hour OR LEFT(bucket, 13) = s.to_hour)
        UNION ALL SELECT id, id FROM (SELECT id, ${minute} ${binaryCollation} AS moment FROM ${uncounted}) u WHERE moment >= s.from_minute AND moment <= s.to_minute) r`,
    ),
    selectPending: commitHorizon(schema),
    isFoundBy: (_index, columns) => columns.map((column) => `e.${column} = ?`).join(' AND '),
    hasEntityId: 'e.entity_id = ?',
    changesField: 'CHARINDEX(?, e.changed_fields COLLATE Latin1_General_BIN2) > 0',
    selectEntries: (conditions: readonly Condition[], _index: EntryIndex, direction = 'DESC') =>
      `SELECT e.id, ${logId} AS log_id, e.seq,
        e.transaction_id, e.entity, e.table_name, e.entity_id, e.operation, e.before_image, e.after_image,
        e.schema_version, e.recorded_at, e.moved_from, e.codec, c.actor, c.reason, c.correlation_id, c.source, c.metadata
      FROM ${entry} e ${committed} LEFT JOIN ${context} c ${committed} ON c.id = e.context_id
      ${where(conditions)}
      ORDER BY e.id ${direction} OFFSET 0 ROWS FETCH NEXT ? ROWS ONLY`,
    selectReach: (conditions) =>
      `SELECT e.id FROM ${entry} e ${committed} ${where(conditions)} ORDER BY e.id DESC OFFSET ? ROWS FETCH NEXT 1 ROWS ONLY`,
    selectPortable: (scope) =>
      `SELECT e.id, ${logId} AS log_id, COALESCE(e.seq, e.id) AS seq,
        e.transaction_id, e.entity, e.table_name, e.entity_id, e.operation, e.before_image, e.after_image, e.changed_fields,
        e.schema_version, e.recorded_at, e.moved_from, e.codec, e.context_id, c.id AS context_there, c.actor, c.reason, c.correlation_id, c.source, c.metadata
      FROM ${entry} e ${scope === 'committed' ? committed : 'WITH (READCOMMITTEDLOCK)'} LEFT JOIN ${context} c WITH (READCOMMITTEDLOCK) ON c.id = e.context_id
      WHERE ${scopes[scope]} ORDER BY e.id`,
    selectWaiting: `SELECT COUNT_BIG(*) AS [rows], MAX(e.id) AS newest,
      (SELECT TOP (1) o.recorded_at FROM ${entry} o ${committed} ORDER BY o.id) AS since FROM ${entry} e ${committed}`,
    selectSizes: `${sizes} WITH (READCOMMITTEDLOCK) WHERE id > ? ORDER BY id OFFSET 0 ROWS FETCH NEXT ? ROWS ONLY`,
    selectCommittedSizes: `${sizes} ${committed} ORDER BY id OFFSET 0 ROWS FETCH NEXT ? ROWS ONLY`,
  };
}
