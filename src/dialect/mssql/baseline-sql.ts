import type { BaselineTable, ServerCheckSql } from '../server-check-sql';
import { nowMs } from './audit-tables';
import { behindKey, keyColumns } from './chunk-sql';
import { columnType, type TypeTerms } from './column-type';
import { contextParameters, hasImage, writeContext } from './own-entries';
import { pathIn, quoteName, quoteText } from './quote';
import { type Column, concat, entityId, entityOf, image, valueOf } from './row-texts';
import { patient } from './store-sql';

/**
 * A chunk of a baseline in one batch. The rows are read, in the form that triggers give them, under locks that last until
 * the transaction ends; then it is looked up which of them have an entry. So an entry of a change before the reading is
 * found, and a change after it waits, and has its entry behind that of the baseline. These locks are shared, and would let
 * another baseline find the same rows without an entry: it waits for a lock of its own until the transaction ends.
 */
export function baselineSql(schema: string, terms: TypeTerms): ServerCheckSql['recordChunk'] {
  const [entry, uncounted] = ['audit_entry', 'audit_uncounted'].map(
    (name) => `${quoteName(schema)}.${quoteName(name)}`,
  );
  return (table, after, limits, transaction) => {
    const columns: Column[] = table.map.columns.map((mapped) => ({
      mapped,
      live: table.live.find(({ name }) => name === mapped.name)!,
    }));
    const keys = keyColumns(table);
    const ids = idForms(table, columns, terms);
    const path = pathIn(schema, table.table);
    const chunk = behindKey(table, after, path, '@rows', limits.bytes, 'WITH (REPEATABLEREAD, ROWLOCK)');
    const declared = [
      'place int IDENTITY(1,1) PRIMARY KEY',
      ...keys.map(({ declaration, collation }, place) => {
        return `k${place} ${declaration}${collation === null ? '' : ` COLLATE ${collation}`}`;
      }),
      'entity nvarchar(255) COLLATE Latin1_General_BIN2, image nvarchar(max), fields nvarchar(max)',
      ...ids.map((_, place) => `id${place} nvarchar(560) COLLATE Latin1_General_BIN2`),
    ];
    const values = {
      ...Object.fromEntries(keys.map(({ name }, place) => [`k${place}`, `i.${quoteName(name)}`])),
      entity: entityOf({ map: table.map, columns }, (column) => valueOf(column, 'i'), terms),
      image: image(columns, 'i', undefined, terms),
      fields: `N'[' + COALESCE(STUFF(${concat(columns.map(field))}, 1, 1, N''), N'') + N']'`,
      ...Object.fromEntries(ids.map((id, place) => [`id${place}`, id])),
    };
    const known = `SELECT 1 FROM ${entry} e ${patient} WHERE e.entity IN (${table.names.entities.map(quoteText).join(', ')})
      AND e.entity_id IN (${ids.map((_, place) => `c.id${place}`).join(', ')}) AND e.${hasImage}`;
    const last = keys.map(({ type }, place) => `, ${columnType(type, terms)!.text(`c.k${place}`)} AS k${place}`);
    const sql = `SET NOCOUNT ON; ${alone} ${chunk.declare} DECLARE @rows int = ?;
      DECLARE @chunk TABLE (${declared.join(', ')});
      INSERT INTO @chunk (${Object.keys(values).join(', ')})
        SELECT ${Object.values(values).join(',\n    ')}
        FROM (SELECT r.* FROM ${chunk.from}) i ${chunk.orderBy.replaceAll('r.[', 'i.[')};
      DECLARE @looked int = @@ROWCOUNT, @recorded int;
      ${writeContext(schema, `IF EXISTS (SELECT 1 FROM @chunk c WHERE NOT EXISTS (${known}))`)}
      INSERT INTO ${entry} (transaction_id, entity, table_name, entity_id, operation, after_image, changed_fields,
          actor, correlation_id, context_id, schema_version, recorded_at, codec)
        OUTPUT inserted.id INTO ${uncounted} (id)
        SELECT @transaction, c.entity, ${quoteText(table.map.table)}, c.id0, N'baseline', c.image, c.fields,
          @actor, @correlation, @context, ${table.mapId}, ${nowMs}, 2
        FROM @chunk c WHERE NOT EXISTS (${known}) ORDER BY c.place;
      SET @recorded = @@ROWCOUNT;
      SELECT @looked AS looked, @recorded AS recorded${last.join('')}
        FROM (SELECT 1 AS one) o LEFT JOIN @chunk c ON c.place = @looked`;
    return { sql, parameters: [...chunk.parameters, limits.rows, ...contextParameters(transaction)] };
  };
}

const alone = `DECLARE @lock int, @resource nvarchar(255) = CONCAT(N'audit_trail_baseline_', DB_ID());
      EXEC @lock = sp_getapplock @Resource = @resource, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 20000;
      IF @lock < 0 THROW 51001, N'audit trail: another baseline goes on', 1;`;

/** Texts that stand for the key of a row, the one of today first: parts of a composite one may have had other names. */
function idForms({ names }: BaselineTable, columns: readonly Column[], terms: TypeTerms): string[] {
  const key = columns.filter(({ mapped }) => mapped.primary);
  const ofToday = entityId(columns, 'i', terms);
  if (key.length < 2) return [ofToday];
  const earlier = names.keys
    .filter((parts) => parts.length === key.length)
    .flatMap((parts) => {
      const ordered = parts.map(({ today }) => key.find(({ mapped }) => mapped.property === today));
      if (!ordered.every((column) => column !== undefined)) return [];
      const recorded = new Map(ordered.map((column, place) => [column, parts[place]!.recorded]));
      return [entityId(ordered, 'i', terms, (column) => recorded.get(column)!)];
    });
  return [...new Set([ofToday, ...earlier])];
}

/** A field that an image without one before it has: a redacted one always, what it holds is nobody's business. */
function field(column: Column): string {
  const name = quoteText(`,${JSON.stringify(column.mapped.property)}`);
  return column.mapped.redacted ? name : `CASE WHEN ${valueOf(column, 'i')} IS NOT NULL THEN ${name} END`;
}
