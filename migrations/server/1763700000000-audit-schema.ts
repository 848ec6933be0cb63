import { randomUUID } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The audit tables on a server, where triggers write entries at once. Entries are numbered by a sequence, so that
 * `@@IDENTITY` stays the application's. Texts that are looked up compare by their code points, as on every dialect.
 */
export class AuditSchema1763700000000 implements MigrationInterface {
  readonly name = 'AuditSchema1763700000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const schema = schemaOf(queryRunner);
    for (const statement of statements(schema)) await queryRunner.query(statement);
    await queryRunner.query(`INSERT INTO ${schema}.[audit_meta] (name, value) VALUES (N'log_id', @0)`, [randomUUID()]);
    // The second from which on transactions may be open that have written entries.
    await queryRunner.query(
      `INSERT INTO ${schema}.[audit_meta] (name, value) VALUES (N'settled', CONVERT(nvarchar(20), DATEDIFF_BIG(second, '1970-01-01', SYSUTCDATETIME())))`,
    );
  }

  /** The query runner refuses to drop these tables unless the destruction of the log is allowed explicitly. */
  async down(queryRunner: QueryRunner): Promise<void> {
    const schema = schemaOf(queryRunner);
    for (const table of ['audit_rollup', 'audit_uncounted', 'audit_entry', 'audit_context', 'audit_meta']) {
      await queryRunner.query(`DROP TABLE ${schema}.[${table}]`);
    }
    await queryRunner.query(`DROP SEQUENCE ${schema}.[audit_number]`);
  }
}

/** Where tables are that name no schema. */
function schemaOf(queryRunner: QueryRunner): string {
  // `connection`: TypeORM 0.3 has no `dataSource` here.
  const { schema = 'dbo' } = queryRunner.connection.driver;
  return `[${schema.replaceAll(']', ']]')}]`;
}

const binary = 'COLLATE Latin1_General_BIN2';

/**
 * Readers pass by what others have locked. With a page they would pass by entries of others on it, which have committed, and
 * find no context to an entry.
 */
const byRows = 'WITH (ALLOW_PAGE_LOCKS = OFF)';

const statements = (schema: string) => [
  `CREATE SEQUENCE ${schema}.[audit_number] AS bigint START WITH 1 INCREMENT BY 1`,
  `CREATE TABLE ${schema}.[audit_meta] (
    name nvarchar(400) ${binary} NOT NULL CONSTRAINT audit_meta_name PRIMARY KEY, value nvarchar(max) NOT NULL
  )`,
  // A row for each context of a transaction; the server's own number of the transaction tells in which it counts.
  `CREATE TABLE ${schema}.[audit_context] (
    id nvarchar(36) ${binary} NOT NULL CONSTRAINT audit_context_id PRIMARY KEY ${byRows}, transaction_id nvarchar(64) ${binary} NOT NULL,
    server_transaction bigint NOT NULL, actor nvarchar(255) ${binary}, reason nvarchar(2000), correlation_id nvarchar(255) ${binary},
    source nvarchar(255), metadata nvarchar(max)
  )`,
  // missing: what warnOnly let through without, 1 an actor, 2 a reason, 3 both.
  // log_id and seq are null for entries made in this database: they are the log's own id, and the entry's id.
  `CREATE TABLE ${schema}.[audit_entry] (
    id bigint NOT NULL CONSTRAINT audit_entry_number DEFAULT (NEXT VALUE FOR ${schema}.[audit_number])
      CONSTRAINT audit_entry_id PRIMARY KEY ${byRows},
    log_id nvarchar(36) ${binary}, seq bigint, transaction_id nvarchar(64) ${binary} NOT NULL,
    entity nvarchar(255) ${binary} NOT NULL, table_name nvarchar(255) ${binary} NOT NULL, entity_id nvarchar(560) ${binary},
    operation nvarchar(20) ${binary} NOT NULL, before_image nvarchar(max), after_image nvarchar(max),
    changed_fields nvarchar(max), actor nvarchar(255) ${binary}, correlation_id nvarchar(255) ${binary},
    context_id nvarchar(36) ${binary}, schema_version int NOT NULL, recorded_at bigint NOT NULL, codec int NOT NULL,
    moved_from nvarchar(560) ${binary}, missing tinyint
  )`,
  // Readers pass by rows that are locked; a table that is, they would wait for.
  `ALTER TABLE ${schema}.[audit_entry] SET (LOCK_ESCALATION = DISABLE)`,
  `CREATE UNIQUE INDEX audit_entry_identity ON ${schema}.[audit_entry] (log_id, seq) WHERE log_id IS NOT NULL ${byRows}`,
  `CREATE INDEX audit_entry_row ON ${schema}.[audit_entry] (entity, entity_id, id) ${byRows}`,
  `CREATE INDEX audit_entry_operation ON ${schema}.[audit_entry] (operation, id) ${byRows}`,
  `CREATE INDEX audit_entry_transaction ON ${schema}.[audit_entry] (transaction_id, id) ${byRows}`,
  `CREATE INDEX audit_entry_entity ON ${schema}.[audit_entry] (entity, id) ${byRows}`,
  `CREATE INDEX audit_entry_actor ON ${schema}.[audit_entry] (actor, id) WHERE actor IS NOT NULL ${byRows}`,
  `CREATE INDEX audit_entry_correlation ON ${schema}.[audit_entry] (correlation_id, id) WHERE correlation_id IS NOT NULL ${byRows}`,
  `CREATE INDEX audit_entry_moved_from ON ${schema}.[audit_entry] (entity, moved_from, id) WHERE moved_from IS NOT NULL ${byRows}`,
  `CREATE INDEX audit_entry_moved_to ON ${schema}.[audit_entry] (entity, entity_id, id) WHERE moved_from IS NOT NULL ${byRows}`,
  // Entries that no roll-up holds yet. A mark on the entry itself would lock it for who sets it, and readers would pass by it.
  `CREATE TABLE ${schema}.[audit_uncounted] (id bigint NOT NULL CONSTRAINT audit_uncounted_id PRIMARY KEY ${byRows})`,
  `ALTER TABLE ${schema}.[audit_uncounted] SET (LOCK_ESCALATION = DISABLE)`,
  `CREATE TABLE ${schema}.[audit_rollup] (
    period nvarchar(20) ${binary} NOT NULL, bucket nvarchar(20) ${binary} NOT NULL, entity nvarchar(255) ${binary} NOT NULL,
    operation nvarchar(20) ${binary} NOT NULL, actor nvarchar(255) ${binary} NOT NULL, entries bigint NOT NULL,
    first_id bigint, last_id bigint,
    CONSTRAINT audit_rollup_key PRIMARY KEY NONCLUSTERED (period, bucket, entity, operation, actor)
  )`,
];
