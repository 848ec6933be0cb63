import {
  alikeColumns,
  canonicalCodec,
  type Condition,
  contextColumns,
  entryColumns,
  type EntryIndex,
  importColumns,
  type PortableScope,
  rollupColumns,
  type StoreSql,
} from '../store-sql';
import { valueColumns } from '../outbox-layout';

function insert(table: string, columns: readonly string[], rows: number): string {
  const row = `(${columns.map(() => '?').join(', ')})`;
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${Array.from({ length: rows }, () => row).join(', ')}`;
}

/** Named, because without statistics SQLite can't know which of two indexes leads to fewer entries. */
function indexed(index: EntryIndex): string {
  return index === 'id' ? 'NOT INDEXED' : `INDEXED BY audit_entry_${index}`;
}

function where(conditions: readonly Condition[]): string {
  return conditions.length > 0 ? `WHERE ${conditions.map(({ sql }) => `(${sql})`).join(' AND ')}` : '';
}

const recordColumns = 'map, operation, part, transaction_id, recorded_at, context';
const outboxColumns = [recordColumns, ...valueColumns].join(', ');

const sizes =
  'SELECT id, coalesce(octet_length(before_image), 0) + coalesce(octet_length(after_image), 0) AS bytes FROM audit_entry';
const rollupKey = 'period = ? AND bucket = ? AND entity = ? AND operation = ? AND actor = ?';

/** @param check condition that is put to every row that is looked at */
export function summarySql(check = 'true'): Pick<StoreSql, 'selectSummary' | 'selectTopActors'> {
  const rows = `SELECT period, bucket, entity, operation, entries FROM audit_rollup WHERE ${check} AND`;
  return {
    selectSummary: `${rows} period = 'total' UNION ALL ${rows} period = 'every-hour' AND bucket >= ?`,
    selectTopActors: `SELECT actor AS name, entries AS count FROM audit_rollup
    WHERE ${check} AND period = 'two-months' AND bucket = ? ORDER BY count DESC, name LIMIT ?`,
  };
}

const scopes: Record<PortableScope, string> = {
  stretch: 'e.id > ? AND e.id <= ?',
  foreign: 'e.log_id = ? AND e.seq BETWEEN ? AND ?',
  own: 'e.log_id IS NULL AND e.id BETWEEN ? AND ?',
  committed: 'e.id <= ?',
  listed: 'e.id IN (SELECT value FROM json_each(?))',
};

export const sqliteStoreSql: StoreSql = {
  hasAuditTables: `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('audit_outbox', 'audit_entry', 'audit_context', 'audit_rollup', 'audit_meta', 'audit_quarantine')`,
  selectMeta: `SELECT value FROM audit_meta WHERE name = ?`,
  selectMetaLike: `SELECT name, value FROM audit_meta WHERE name LIKE ?`,
  insertMeta: `INSERT INTO audit_meta (name, value) VALUES (?, ?)`,
  deleteMeta: `DELETE FROM audit_meta WHERE name = ?`,
  selectExtent: `SELECT (SELECT count(*) FROM audit_entry) AS entries, (SELECT coalesce(max(id), 0) FROM audit_entry) AS last`,
  insertEntries: (rows) => {
    const row = `(${entryColumns.map(() => '?').join(', ')}, ${canonicalCodec})`;
    // An insert of several rows that may fail and undo itself copies every page before it changes it; OR FAIL spares that.
    return `INSERT OR FAIL INTO audit_entry (${entryColumns.join(', ')}, codec) VALUES ${Array.from({ length: rows }, () => row).join(', ')}`;
  },
  selectHighestId: `SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit_entry'), 0), coalesce((SELECT max(id) FROM audit_entry), 0))`,
  selectLong: (column) => `SELECT id, ${column} AS text FROM audit_entry WHERE octet_length(${column}) > ?`,
  importEntries: (rows) => {
    const row = `(${importColumns.map(() => '?').join(', ')}, ${canonicalCodec})`;
    return `INSERT OR FAIL INTO audit_entry (${importColumns.join(', ')}, codec) VALUES ${Array.from({ length: rows }, () => row).join(', ')}`;
  },
  insertAlike: (rows) => {
    const common = alikeColumns.join(', ');
    return `WITH common (${common}) AS (VALUES (${alikeColumns.map(() => '?').join(', ')})),
      own (entity, entity_id, after_image, changed_fields) AS (VALUES ${Array.from({ length: rows }, () => '(?, ?, ?, ?)').join(', ')})
      INSERT INTO audit_entry (entity, entity_id, after_image, changed_fields, ${common})
      SELECT entity, entity_id, after_image, changed_fields, ${common} FROM own CROSS JOIN common`;
  },
  insertContexts: (rows) => `${insert('audit_context', contextColumns, rows)} ON CONFLICT (digest) DO NOTHING`,
  selectContextIds: (digests) =>
    `SELECT id, digest FROM audit_context WHERE digest IN (${Array.from({ length: digests }, () => '?').join(', ')})`,
  removeEntries: `DELETE FROM audit_entry WHERE id IN (SELECT value FROM json_each(?))
    RETURNING log_id AS logId, entity, operation, actor, recorded_at AS recordedAt`,
  subtractRollup: `UPDATE audit_rollup SET entries = entries - ? WHERE ${rollupKey}`,
  removeEmptyRollup: `DELETE FROM audit_rollup WHERE ${rollupKey} AND entries = 0`,
  removeUnusedContexts: 'DELETE FROM audit_context WHERE NOT EXISTS (SELECT 1 FROM audit_entry)',
  addRollups: (rows) =>
    `${insert('audit_rollup', rollupColumns, rows)} ON CONFLICT (period, bucket, entity, operation, actor) DO UPDATE SET entries = entries + excluded.entries,
      first_id = min(first_id, excluded.first_id), last_id = max(last_id, excluded.last_id)`,
  ...summarySql(),
  selectIdRange: `WITH span (from_hour, from_minute, to_hour, to_minute) AS (VALUES (?, ?, ?, ?))
    SELECT min(r.first_id) AS first, max(r.last_id) AS last FROM (
      SELECT first_id, last_id FROM span, audit_rollup
        WHERE period = 'every-hour' AND bucket > from_hour AND bucket < to_hour
      UNION ALL SELECT first_id, last_id FROM span, audit_rollup
        WHERE period = 'every-minute' AND bucket >= from_minute AND bucket < from_hour || ';' AND bucket <= to_minute
      UNION ALL SELECT first_id, last_id FROM span, audit_rollup
        WHERE period = 'every-minute' AND bucket >= to_hour AND bucket <= to_minute AND bucket >= from_minute) r`,
  selectOutbox: (values) =>
    `SELECT ${['id', recordColumns, ...valueColumns.slice(0, values)].join(', ')} FROM audit_outbox ORDER BY id LIMIT ?`,
  selectOutboxBytes: (column) => `SELECT CAST(${valueColumns[column]} AS BLOB) FROM audit_outbox WHERE id = ?`,
  deleteOutboxUpTo: `DELETE FROM audit_outbox WHERE id <= ?`,
  quarantine: `INSERT INTO audit_quarantine (reason, quarantined_at, outbox_id, ${outboxColumns})
    SELECT ?, ?, id, ${outboxColumns} FROM audit_outbox WHERE id BETWEEN ? AND ? ORDER BY id`,
  selectQuarantined: `SELECT outbox_id AS outboxId, reason, quarantined_at AS at FROM audit_quarantine ORDER BY id LIMIT ?`,
  // Ids are given in commit order and deleted from the front, so the ends of the table tell how many are between.
  selectPending: `SELECT coalesce(newest - oldest + 1, 0) AS rows, oldest, newest,
    (SELECT recorded_at FROM audit_outbox WHERE id = oldest) AS since,
    (SELECT count(*) FROM audit_quarantine) AS quarantined
    FROM (SELECT (SELECT min(id) FROM audit_outbox) AS oldest, (SELECT max(id) FROM audit_outbox) AS newest)`,
  // A scalar subquery stays where it is, while SQLite makes a join of EXISTS, and may begin at its other end.
  isFoundBy: (index, columns) => `1 = (SELECT 1 FROM audit_entry x ${indexed(index)}
    WHERE ${columns.map((column) => `x.${column} = ? AND`).join(' ')} x.id = e.id)`,
  changesField: 'instr(e.changed_fields, ?) > 0',
  hasEntityId: `e.id IN (SELECT x.id FROM audit_entry x INDEXED BY audit_entry_row
    WHERE x.entity IN (SELECT entity FROM audit_rollup WHERE period = 'total') AND x.entity_id = ?)`,
  selectEntries: (conditions, index, direction = 'DESC') =>
    `SELECT e.id, coalesce(e.log_id, (SELECT value FROM audit_meta WHERE name = 'log_id')) AS log_id, e.seq,
      e.transaction_id, e.entity, e.table_name, e.entity_id, e.operation, e.before_image, e.after_image,
      e.schema_version, e.recorded_at, e.moved_from, c.actor, c.reason, c.correlation_id, c.source, c.metadata
    FROM audit_entry e ${indexed(index)} LEFT JOIN audit_context c ON c.id = e.context_id
    ${where(conditions)}
    ORDER BY e.id ${direction} LIMIT ?`,
  selectReach: (conditions, index) =>
    `SELECT e.id FROM audit_entry e ${indexed(index)} ${where(conditions)} ORDER BY e.id DESC LIMIT 1 OFFSET ?`,
  selectPortable: (scope) =>
    `SELECT e.id, coalesce(e.log_id, (SELECT value FROM audit_meta WHERE name = 'log_id')) AS log_id, coalesce(e.seq, e.id) AS seq,
      e.transaction_id, e.entity, e.table_name, e.entity_id, e.operation, e.before_image, e.after_image, e.changed_fields,
      e.schema_version, e.recorded_at, e.moved_from, e.codec, e.context_id, c.id AS context_there, c.actor, c.reason, c.correlation_id, c.source, c.metadata
    FROM audit_entry e LEFT JOIN audit_context c ON c.id = e.context_id WHERE ${scopes[scope]} ORDER BY e.id`,
  // Ids are given in commit order and removed from the front, so the ends of the table tell how many are between.
  selectWaiting: `SELECT coalesce(newest - oldest + 1, 0) AS rows, newest,
    (SELECT recorded_at FROM audit_entry WHERE id = oldest) AS since
    FROM (SELECT (SELECT min(id) FROM audit_entry) AS oldest, (SELECT max(id) FROM audit_entry) AS newest)`,
  selectSizes: `${sizes} WHERE id > ? ORDER BY id LIMIT ?`,
  selectCommittedSizes: `${sizes} ORDER BY id LIMIT ?`,
};
