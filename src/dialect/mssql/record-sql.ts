import type { Requirement } from '../../model/missing';
import type { ServerTable } from '../server-capture';
import { nowMs } from './audit-tables';
import { isRowVersion, type TypeTerms } from './column-type';
import { quoteName, quoteText } from './quote';
import { changed, type Column, concat, entityId, entityOf, image, type Side, valueOf } from './row-texts';

/**
 * The statement of a trigger that writes an entry for each row that changed. Rows before and after are paired by the
 * identity column, which never changes, or by the primary key; a key that changed is told for a single row, of several
 * an entry says that one row went and another came.
 */
export function recordRows(
  table: ServerTable,
  mapId: number,
  { entries, uncounted }: { entries: string; uncounted: string },
  terms: TypeTerms,
): string {
  const { map, columns } = table;
  const pairing = pairingOf(columns);
  const there = (side: Side) =>
    pairing.presence ? `${side}.${quoteName(pairing.presence)} IS NOT NULL` : `${side}.[audit_trail_row] IS NOT NULL`;
  const fields = columns
    .filter(({ live }) => !isRowVersion(live.type))
    .map((column) => changedField(column, there, terms));
  const versions = columns
    .filter(({ live }) => isRowVersion(live.type))
    .map((column) => changedField(column, there, terms));
  const id = (side: Side) => entityId(columns, side, terms);
  const values = {
    transaction_id: '@transaction',
    entity: entityOf(
      table,
      (column) => `CASE WHEN ${there('i')} THEN ${valueOf(column, 'i')} ELSE ${valueOf(column, 'd')} END`,
      terms,
    ),
    table_name: quoteText(map.table),
    entity_id: id('i') === 'NULL' ? 'NULL' : `CASE WHEN ${there('i')} THEN ${id('i')} ELSE ${id('d')} END`,
    operation: operationOf(table, there),
    before_image: `CASE WHEN ${there('d')} THEN ${image(columns, 'd', undefined, terms)} END`,
    after_image: `CASE WHEN ${there('i')} THEN ${image(columns, 'i', there('d'), terms)} END`,
    changed_fields: `N'[' + COALESCE(STUFF(${versions.length > 0 ? concat(['f.names', ...versions]) : 'f.names'}, 1, 1, N''), N'') + N']'`,
    actor: '@actor',
    correlation_id: '@correlation',
    context_id: '@context',
    schema_version: String(mapId),
    recorded_at: nowMs,
    codec: '2',
    moved_from: movedFrom(id, there),
    ...(table.warnsOf.length > 0 && { missing: missing(table.warnsOf) }),
  };
  return `${pairing.prepare}  INSERT INTO ${entries} (${Object.keys(values).join(', ')})
  OUTPUT inserted.id INTO ${uncounted} (id)
  SELECT ${Object.values(values).join(',\n    ')}
  FROM ${pairing.from}
  CROSS APPLY (SELECT ${concat(fields)} AS names) f
  WHERE f.names <> N''${pairing.presence ? '' : ` OR NOT (${there('i')}) OR NOT (${there('d')})`};`;
}

/** How `missing` of an entry says what its change went through without. */
export const missingBits: Record<Requirement, number> = { context: 1, reason: 2 };
/** What a trigger knows of its context, by what can be asked for. */
export const variableOf: Record<Requirement, string> = { context: '@actor', reason: '@reason' };

function missing(warnsOf: readonly Requirement[]): string {
  const bits = warnsOf.map(
    (what) => `CASE WHEN COALESCE(${variableOf[what]}, N'') = N'' THEN ${missingBits[what]} ELSE 0 END`,
  );
  return `NULLIF(${bits.join(' + ')}, 0)`;
}

type There = (side: Side) => string;

interface Pairing {
  prepare: string;
  from: string;
  /** A column that is never null, by which the presence of a row is told. */
  presence: string | undefined;
}

function pairingOf(columns: readonly Column[]): Pairing {
  const identity = columns.find(({ live }) => live.isIdentity);
  const key = columns.filter(({ live }) => live.isKey);
  const [presence] = identity ? [identity] : key;
  const name = identity && quoteName(identity.live.name);
  if (identity?.live.isRowNumber) {
    return {
      prepare: '',
      from: `inserted i FULL JOIN deleted d ON d.${name} = i.${name}`,
      presence: identity.live.name,
    };
  }
  // By IDENTITY_INSERT or a new seed several rows may have one number; where none of these have, it tells them apart.
  const isTold = identity
    ? `NOT EXISTS (SELECT 1 FROM inserted GROUP BY ${name} HAVING COUNT(*) > 1)`
    : `(SELECT COUNT(*) FROM inserted) = 1 AND (SELECT COUNT(*) FROM deleted) = 1`;
  const numbered = identity ? [`d.${name} = i.${name}`] : [];
  if (key.length > 0) {
    const names = key.map(({ live }) => quoteName(live.name));
    const variables = key.map(({ live }, place) => `@key${place} ${live.declaration}`);
    const set = names.map((name, place) => `@key${place} = ${name}`).join(', ');
    const equal = key.map(({ live }, place) => {
      const [before, after] = (['d', 'i'] as const).map((side) => {
        return `ISNULL(@key${place}, ${side}.${quoteName(live.name)})${live.collation === null ? '' : ` COLLATE ${live.collation}`}`;
      });
      return `${before} = ${after}`;
    });
    return {
      prepare: `  DECLARE ${variables.join(', ')};\n  IF ${isTold} SELECT ${set} FROM inserted;\n`,
      from: `inserted i FULL JOIN deleted d ON ${[...numbered, ...equal].join(' AND ')}`,
      presence: presence!.live.name,
    };
  }
  // Nothing tells which row became which: a single one is paired, of several each went, and each came.
  const rows = (source: string, side: Side) =>
    `(SELECT s.*, CASE WHEN @single = 1 THEN 1 ELSE ${side === 'i' ? 2 : 3} END AS [audit_trail_row] FROM ${source} s) ${side}`;
  return {
    prepare: `  DECLARE @single int = CASE WHEN ${isTold} THEN 1 ELSE 0 END;\n`,
    from: `${rows('inserted', 'i')} FULL JOIN ${rows('deleted', 'd')} ON ${[...numbered, 'd.[audit_trail_row] = i.[audit_trail_row]'].join(' AND ')}`,
    presence: presence?.live.name,
  };
}

function changedField(column: Column, there: There, terms: TypeTerms): string {
  const name = quoteText(`,${JSON.stringify(column.mapped.property)}`);
  const condition = changed(column, terms);
  // That a redacted value is null would tell something of it.
  const always = column.mapped.redacted ? ` OR NOT (${there('i')}) OR NOT (${there('d')})` : '';
  return `CASE WHEN ${condition}${always} THEN ${name} END`;
}

function operationOf({ map, columns }: ServerTable, there: There): string {
  const [insert, remove] = map.junction ? ['link', 'unlink'] : ['insert', 'delete'];
  const deleteDate = columns.find(({ mapped }) => mapped.property === map.deleteDate && !mapped.redacted);
  const marks = deleteDate
    ? ` WHEN ${valueOf(deleteDate, 'd')} IS NULL AND ${valueOf(deleteDate, 'i')} IS NOT NULL THEN N'soft_delete'
      WHEN ${valueOf(deleteDate, 'd')} IS NOT NULL AND ${valueOf(deleteDate, 'i')} IS NULL THEN N'restore'`
    : '';
  return `CASE WHEN NOT (${there('d')}) THEN N'${insert}' WHEN NOT (${there('i')}) THEN N'${remove}'${marks} ELSE N'update' END`;
}

/** The key before, where an update gave the row another one. */
function movedFrom(id: (side: Side) => string, there: There): string {
  const before = id('d');
  if (before === 'NULL') return 'NULL';
  const [was, is] = [before, id('i')].map((text) => `CONVERT(nvarchar(560), ${text})`);
  return `CASE WHEN ${there('i')} AND ${there('d')} AND CONVERT(varbinary(1120), ${was}) <> CONVERT(varbinary(1120), ${is}) THEN ${was} END`;
}
