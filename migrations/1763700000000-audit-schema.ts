import { randomUUID } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The audit tables. `audit_outbox` takes what triggers write: no secondary index, and no constraint that could fail,
 * because an outer INSERT OR IGNORE would swallow the failure together with the record.
 */
export class AuditSchema1763700000000 implements MigrationInterface {
  readonly name = 'AuditSchema1763700000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of statements) await queryRunner.query(statement);
    await queryRunner.query(`INSERT INTO audit_meta (name, value) VALUES ('log_id', ?)`, [randomUUID()]);
  }

  /** The query runner refuses to drop these tables unless the destruction of the log is allowed explicitly. */
  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of tables) {
      await queryRunner.query(`DROP TABLE ${table}`);
    }
  }
}

const tables = ['audit_quarantine', 'audit_rollup', 'audit_outbox', 'audit_entry', 'audit_context', 'audit_meta'];

const values = Array.from({ length: 32 }, (_, index) => `v${index}`).join(', ');

const statements = [
  `CREATE TABLE audit_meta (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) WITHOUT ROWID`,
  // The values are untyped: a value is stored exactly as the row had it, storage class included.
  `CREATE TABLE audit_outbox (
    id INTEGER PRIMARY KEY, map INTEGER, operation TEXT, part INTEGER, transaction_id TEXT, recorded_at INTEGER,
    context TEXT, ${values}
  )`,
  // Outbox rows that are no record. Untyped throughout, so that every value stays as it was stored.
  `CREATE TABLE audit_quarantine (
    id INTEGER PRIMARY KEY, reason TEXT, quarantined_at INTEGER, outbox_id INTEGER, map, operation, part, transaction_id,
    recorded_at, context, ${values}
  )`,
  `CREATE TABLE audit_context (
    id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, actor TEXT, reason TEXT, correlation_id TEXT, source TEXT,
    metadata TEXT
  )`,
  // log_id and seq are null for entries made in this database: they are the log's own id, and the entry's id.
  `CREATE TABLE audit_entry (
    id INTEGER PRIMARY KEY AUTOINCREMENT, log_id TEXT, seq INTEGER, transaction_id TEXT NOT NULL, entity TEXT NOT NULL,
    table_name TEXT NOT NULL, entity_id TEXT, operation TEXT NOT NULL, before_image TEXT, after_image TEXT,
    changed_fields TEXT, actor TEXT, correlation_id TEXT, context_id INTEGER, schema_version INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL, codec INTEGER NOT NULL
  )`,
  `CREATE UNIQUE INDEX audit_entry_identity ON audit_entry (log_id, seq) WHERE log_id IS NOT NULL`,
  // Each index has the id behind its columns, so that equal keys come newest first. Time needs none: the roll-ups know
  // the ids of every minute.
  `CREATE INDEX audit_entry_row ON audit_entry (entity, entity_id)`,
  `CREATE INDEX audit_entry_entity ON audit_entry (entity)`,
  `CREATE INDEX audit_entry_operation ON audit_entry (operation)`,
  `CREATE INDEX audit_entry_transaction ON audit_entry (transaction_id)`,
  `CREATE INDEX audit_entry_actor ON audit_entry (actor) WHERE actor IS NOT NULL`,
  `CREATE INDEX audit_entry_correlation ON audit_entry (correlation_id) WHERE correlation_id IS NOT NULL`,
  // The ids are those of the first and the last of the entries, for the periods that are searched by time.
  `CREATE TABLE audit_rollup (
    period TEXT NOT NULL, bucket TEXT NOT NULL, entity TEXT NOT NULL, operation TEXT NOT NULL, actor TEXT NOT NULL,
    entries INTEGER NOT NULL, first_id INTEGER, last_id INTEGER,
    PRIMARY KEY (period, bucket, entity, operation, actor)
  ) WITHOUT ROWID`,
];
