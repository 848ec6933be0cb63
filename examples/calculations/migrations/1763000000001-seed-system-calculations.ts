import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * System calculations to begin with; the trail has them like any other change.
 *
 * Plain SQL, because a migration must do next year what it does today, and the entity will have moved on by then.
 */
export class SeedSystemCalculations1763000000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `INSERT INTO system_calculation (name, formula, inputs, result, status, owner) VALUES
        ('vat_rate', 'percent / 100', '{"percent":20}', 0.2, 'done', 'system'),
        ('hours_per_month', 'hours_per_week * 52 / 12', '{"hours_per_week":39}', 169, 'done', 'system'),
        ('monthly_interest', 'yearly_percent / 100 / 12', '{"yearly_percent":6}', 0.005, 'done', 'system')`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `DELETE FROM system_calculation WHERE name IN ('vat_rate', 'hours_per_month', 'monthly_interest')`,
    );
  }
}
