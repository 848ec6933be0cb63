import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What an actor did in a month and the one before is one row of the roll-ups, of which the dashboard reads the highest;
 * there was one for each month, and the dashboard added them up.
 */
export class AuditRollupActors1763900000000 implements MigrationInterface {
  readonly name = 'AuditRollupActors1763900000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const next = `strftime('%Y-%m', bucket || '-01', '+1 month')`;
    await queryRunner.query(`INSERT INTO audit_rollup (period, bucket, entity, operation, actor, entries)
      SELECT 'two-months', month, '', '', actor, sum(entries)
      FROM (SELECT bucket AS month, actor, entries FROM audit_rollup WHERE period = 'actor'
        UNION ALL SELECT ${next}, actor, entries FROM audit_rollup WHERE period = 'actor')
      GROUP BY month, actor`);
    await queryRunner.query(`DELETE FROM audit_rollup WHERE period = 'actor'`);
  }

  /** Counts the log. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DELETE FROM audit_rollup WHERE period = 'two-months'`);
    await queryRunner.query(`INSERT INTO audit_rollup (period, bucket, entity, operation, actor, entries)
      SELECT 'actor', strftime('%Y-%m', recorded_at / 1000, 'unixepoch'), '', '', actor, count(*)
      FROM audit_entry WHERE actor IS NOT NULL GROUP BY 2, actor`);
  }
}
