import type { MigrationInterface, QueryRunner } from 'typeorm';
import { schemaOf } from './schema-of';

/**
 * What an actor did in a month and the one before is one row of the roll-ups, of which the dashboard reads the highest;
 * there was one for each month, and the dashboard added them up.
 */
export class AuditRollupActors1763900000000 implements MigrationInterface {
  readonly name = 'AuditRollupActors1763900000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const rollup = `${schemaOf(queryRunner)}.[audit_rollup]`;
    const next = `CONVERT(nvarchar(7), DATEADD(month, 1, CONVERT(datetime2(0), r.bucket + N'-01')), 120)`;
    await queryRunner.query(`INSERT INTO ${rollup} (period, bucket, entity, operation, actor, entries)
      SELECT N'two-months', m.month, N'', N'', r.actor, SUM(r.entries)
      FROM ${rollup} r CROSS APPLY (VALUES (r.bucket), (${next})) m (month)
      WHERE r.period = N'actor' GROUP BY m.month, r.actor`);
    await queryRunner.query(`DELETE FROM ${rollup} WHERE period = N'actor'`);
  }

  /** Counts the log. */
  async down(queryRunner: QueryRunner): Promise<void> {
    const schema = schemaOf(queryRunner);
    const month = `CONVERT(nvarchar(7), DATEADD(minute, recorded_at / 60000, CONVERT(datetime2(0), '1970-01-01')), 120)`;
    await queryRunner.query(`DELETE FROM ${schema}.[audit_rollup] WHERE period = N'two-months'`);
    await queryRunner.query(`INSERT INTO ${schema}.[audit_rollup] (period, bucket, entity, operation, actor, entries)
      SELECT N'actor', e.month, N'', N'', e.actor, COUNT_BIG(*)
      FROM (SELECT ${month} AS month, actor FROM ${schema}.[audit_entry] WHERE actor IS NOT NULL AND is_counted = 1) e
      GROUP BY e.month, e.actor`);
  }
}
