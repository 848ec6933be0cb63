import { createHash } from 'node:crypto';
import { refusalMarks } from '../capture-sql';
import type { ServerCaptureSql, ServerTable } from '../server-capture';
import { binaryCollation, contextKey, nowMs } from './audit-tables';
import { columnType, type TypeTerms, unseenTypes } from './column-type';
import { holdHorizon } from './commit-horizon';
import { isNamedOtherwise, keyForms } from './key-forms';
import { pathIn, quoteName, quotePath, quoteText } from './quote';
import { recordRows, variableOf } from './record-sql';
import { patient } from './store-sql';

const prefix = 'audit_trail_';

/**
 * Lengths of strings are in bytes, two for a character of nvarchar; -1 is max. The name stays as the catalog has it: in
 * capitals it would be another one to a Turkish collation.
 */
const declaration = `t.name + CASE
  WHEN t.name IN ('char', 'varchar', 'binary', 'varbinary') THEN '(' + CASE c.max_length WHEN -1 THEN 'max' ELSE CONVERT(varchar(10), c.max_length) END + ')'
  WHEN t.name IN ('nchar', 'nvarchar') THEN '(' + CASE c.max_length WHEN -1 THEN 'max' ELSE CONVERT(varchar(10), c.max_length / 2) END + ')'
  WHEN t.name IN ('decimal', 'numeric') THEN '(' + CONVERT(varchar(10), c.precision) + ', ' + CONVERT(varchar(10), c.scale) + ')'
  WHEN t.name IN ('datetime2', 'datetimeoffset', 'time') THEN '(' + CONVERT(varchar(10), c.scale) + ')'
  ELSE '' END`;

const computed = `c.is_computed = 1 OR c.generated_always_type <> 0 OR t.name = N'timestamp'`;

/** @param schema of the audit tables and of tables whose path names none */
export function captureSql(schema: string, terms: TypeTerms): ServerCaptureSql {
  const pathOf = (schemaName: string, tableName: string) =>
    `CASE WHEN ${schemaName} = ${quoteText(schema)} THEN N'' ELSE ${schemaName} + N'.' END + ${tableName}`;
  const inSchema = (path: string) => pathIn(schema, path);
  const audit = (table: string) => `${quoteName(schema)}.${quoteName(table)}`;

  const insertEvent = `DECLARE ${contextVariables};
      ${readContext(schema)}
      ${holdHorizon};
      INSERT INTO ${audit('audit_entry')} (transaction_id, entity, table_name, entity_id, operation, after_image, changed_fields, actor, correlation_id, context_id, schema_version, recorded_at, codec)
      OUTPUT inserted.id INTO ${audit('audit_uncounted')} (id)
      VALUES (@transaction, @0, @1, @2, @3, @4, @5, @actor, @correlation, @context, 0, ${nowMs}, 1)`;

  return {
    // A column of an alias type, such as sysname (256), is of the type that the alias stands for. The catalog may have another collation than the database.
    listColumns: `SELECT w.value AS [table], c.name AS name, t.name AS type, ${declaration} AS declaration,
      c.collation_name AS collation, CONVERT(int, c.is_identity) AS isIdentity,
      CASE WHEN c.is_identity = 1 AND EXISTS (
        SELECT x.index_id FROM sys.indexes x JOIN sys.index_columns k ON k.object_id = x.object_id AND k.index_id = x.index_id
        WHERE x.object_id = c.object_id AND x.is_unique = 1 AND x.has_filter = 0 AND x.is_disabled = 0 AND k.key_ordinal > 0
        GROUP BY x.index_id HAVING COUNT(*) = 1 AND MIN(k.column_id) = c.column_id
      ) THEN 1 ELSE 0 END AS isRowNumber, CASE WHEN EXISTS (
        SELECT 1 FROM sys.indexes x JOIN sys.index_columns k ON k.object_id = x.object_id AND k.index_id = x.index_id
        WHERE x.object_id = c.object_id AND x.is_primary_key = 1 AND k.column_id = c.column_id
      ) THEN 1 ELSE 0 END AS isKey,
      COALESCE((
        SELECT MAX(k.key_ordinal) FROM sys.indexes x JOIN sys.index_columns k ON k.object_id = x.object_id AND k.index_id = x.index_id
        WHERE x.object_id = c.object_id AND x.is_primary_key = 1 AND k.column_id = c.column_id
      ), 0) AS keyPlace,
      CASE WHEN ${computed} THEN 1 ELSE 0 END AS isGenerated, CONVERT(int, c.is_identity) AS isFixed,
      CASE WHEN c.is_nullable = 0 AND c.default_object_id = 0 AND c.is_identity = 0 AND NOT (${computed}) THEN 1 ELSE 0 END AS isRequired,
      CASE WHEN t.name = N'sql_variant' THEN 1 ELSE 0 END AS isInexact
      FROM OPENJSON(?) w
      JOIN sys.tables o ON o.name = (CASE WHEN CHARINDEX(N'.', w.value) = 0 THEN w.value ELSE SUBSTRING(w.value, CHARINDEX(N'.', w.value) + 1, 256) END) COLLATE DATABASE_DEFAULT
      JOIN sys.schemas s ON s.schema_id = o.schema_id AND s.name = (CASE WHEN CHARINDEX(N'.', w.value) = 0 THEN ${quoteText(schema)} ELSE LEFT(w.value, CHARINDEX(N'.', w.value) - 1) END) COLLATE DATABASE_DEFAULT
      JOIN sys.columns c ON c.object_id = o.object_id
      JOIN sys.types t ON t.user_type_id = CASE WHEN c.user_type_id >= 256 AND c.system_type_id <> 240 THEN c.system_type_id ELSE c.user_type_id END
      ORDER BY c.object_id, c.column_id`,
    listTriggers: `SELECT ${pathOf('s.name', 'o.name')} AS [table], g.name AS name,
      CASE WHEN g.is_disabled = 1 THEN 0 ELSE 1 END AS isEnabled,
      (SELECT value FROM ${audit('audit_meta')} m WHERE m.name = (N'trigger:' + ${pathOf('s.name', 'o.name')}) ${binaryCollation}) AS version
      FROM sys.triggers g JOIN sys.objects o ON o.object_id = g.parent_id JOIN sys.schemas s ON s.schema_id = o.schema_id
      WHERE g.name LIKE N'audit[_]trail[_]%'`,
    selectDoubts: `SELECT N'"nested triggers" is off on this server: what triggers of yours change in other tables is not recorded.' AS doubt
      FROM sys.configurations WHERE name = N'nested triggers' AND CONVERT(int, value_in_use) = 0`,
    lockInstallation: `DECLARE @resource nvarchar(60) = CONCAT(N'audit_trail_installation_', DB_ID()), @held int;
      EXEC @held = sp_getapplock @Resource = @resource, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 30000;
      IF @held < 0 THROW 51001, N'audit trail: another installation of triggers goes on', 1`,
    insertEvent,
    insertMarker: `${insertEvent} -- marker`,
    // Nobody may insert behind it: what is there when the table is truncated goes without a record.
    deleteAll: (table) => `DELETE FROM ${inSchema(table)} WITH (TABLOCKX)`,
    refusalOf({ table, name, type }) {
      const instead = unseenTypes[type];
      if (instead) {
        return `${table}.${name} is of type ${type}, which triggers can't see: ALTER TABLE ${inSchema(table)} ALTER COLUMN ${quoteName(name)} ${instead}`;
      }
      if (columnType(type, terms)) return undefined;
      return `${table}.${name} is of type ${type}, which is not known: leave it out with @NotAudited()`;
    },
    mapped(column, planned) {
      const { kind } = columnType(column.type, terms)!;
      return { ...planned, kind: kind === 'text' && planned.kind === 'json' ? 'json' : kind };
    },
    keyForms: (column, value) => keyForms(column, value, terms),
    isNamedOtherwise: (column) => isNamedOtherwise(column, terms),
    trigger(table, mapId) {
      const path = inSchema(table.map.table);
      const name = triggerName(table.map.table);
      const trigger = quotePath(`${table.map.table.includes('.') ? table.map.table.split('.')[0]! : schema}.${name}`);
      const create = `CREATE TRIGGER ${trigger} ON ${path} AFTER INSERT, UPDATE, DELETE AS
BEGIN
  SET NOCOUNT ON;
  ${ownSettings}
  IF NOT EXISTS (SELECT 1 FROM inserted) AND NOT EXISTS (SELECT 1 FROM deleted) RETURN;
  DECLARE ${contextVariables};
  ${readContext(schema)}
${refusals(table)}  ${holdHorizon}
${recordRows(table, mapId, { entries: audit('audit_entry'), uncounted: audit('audit_uncounted') }, terms)}
END`;
      // Before triggers of the application, whose changes of the same rows come later. Another one may be the first: that is
      // looked at, because nothing says what becomes of this transaction where the procedure refuses.
      const first = ['INSERT', 'UPDATE', 'DELETE'].map(
        (event) =>
          `IF EXISTS (SELECT 1 FROM sys.trigger_events e JOIN sys.triggers g ON g.object_id = e.object_id WHERE g.parent_id = OBJECT_ID(${quoteText(path)}) AND e.is_first = 1 AND e.type_desc = N'${event}') SELECT N'another one is, on ${event}' AS doubt; ELSE EXEC sp_settriggerorder @triggername = ${quoteText(trigger)}, @order = N'First', @stmttype = N'${event}'`,
      );
      const order = `BEGIN TRY IF OBJECT_ID(N'sys.sp_settriggerorder') IS NOT NULL EXEC sp_executesql ${quoteText(first.join('; '))}; END TRY BEGIN CATCH SELECT ERROR_MESSAGE() AS doubt; END CATCH`;
      const version = createHash('sha256').update(create).digest('base64url');
      const note = `DELETE FROM ${audit('audit_meta')} WHERE name = ${quoteText(`trigger:${table.map.table}`)};
        INSERT INTO ${audit('audit_meta')} (name, value) VALUES (${quoteText(`trigger:${table.map.table}`)}, N'${version}')`;
      return { name, version, statements: [`DROP TRIGGER IF EXISTS ${trigger}`, create, order, note] };
    },
    dropTrigger: ({ table, name }) =>
      `DROP TRIGGER IF EXISTS ${quotePath(`${table.includes('.') ? table.split('.')[0]! : schema}.${name}`)}`,
  };
}

/** Of 128 characters at most; of a longer one the end is a digest, or two tables could have one trigger. */
function triggerName(table: string): string {
  const name = `${prefix}${table.replaceAll('.', '_')}`;
  return name.length <= 128
    ? name
    : `${name.slice(0, 111)}_${createHash('sha256').update(table).digest('hex').slice(0, 16)}`;
}

/**
 * A trigger runs with the settings of whoever fires it. ROWCOUNT would cut the entries of a statement off; the others have to
 * be so for a table with filtered indexes (error 1934), and for what texts are made of. They end with the trigger.
 */
const ownSettings = `SET ROWCOUNT 0;
  SET ANSI_WARNINGS, ANSI_PADDING, CONCAT_NULL_YIELDS_NULL ON;
  SET NUMERIC_ROUNDABORT OFF;`;

const contextVariables = `@context nvarchar(36) = CONVERT(nvarchar(36), SESSION_CONTEXT(${contextKey})), @transaction nvarchar(64), @actor nvarchar(255), @reason nvarchar(2000), @correlation nvarchar(255)`;

/**
 * The context counts in the transaction that it was written in, so that what a failed batch leaves behind on its
 * connection is nobody's. Looked for under SERIALIZABLE, a row that is not there would lock its place against other contexts.
 */
function readContext(schema: string): string {
  return `SELECT @transaction = transaction_id, @actor = actor, @reason = reason, @correlation = correlation_id
    FROM ${quoteName(schema)}.[audit_context] ${patient} WHERE id = @context AND server_transaction = CURRENT_TRANSACTION_ID();
  IF @transaction IS NULL SELECT @context = NULL, @transaction = CONCAT(N'outside-', CURRENT_TRANSACTION_ID());`;
}

function refusals({ map, requires }: ServerTable): string {
  return requires
    .map((requirement) => {
      const message = quoteText(`${refusalMarks[requirement]} ${map.entity}`);
      return `  IF COALESCE(${variableOf[requirement]}, N'') = N'' THROW 51000, ${message}, 1;\n`;
    })
    .join('');
}
