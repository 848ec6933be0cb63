import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * An update that gives a row another key names the one before, so that the row is found under both. Both indexes hold
 * nothing but such entries: all others pay for a NULL.
 */
export class AuditSchemaMoves1763800000000 implements MigrationInterface {
  readonly name = 'AuditSchemaMoves1763800000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE audit_entry ADD COLUMN moved_from TEXT');
    await this.fillIn(queryRunner);
    await queryRunner.query(
      'CREATE INDEX audit_entry_moved_from ON audit_entry (entity, moved_from) WHERE moved_from IS NOT NULL',
    );
    await queryRunner.query(
      'CREATE INDEX audit_entry_moved_to ON audit_entry (entity, entity_id) WHERE moved_from IS NOT NULL',
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX audit_entry_moved_to');
    await queryRunner.query('DROP INDEX audit_entry_moved_from');
    await queryRunner.query('ALTER TABLE audit_entry DROP COLUMN moved_from');
  }

  /** The entries that are there, by the column maps under which they were recorded. */
  private async fillIn(queryRunner: QueryRunner): Promise<void> {
    const maps = (await queryRunner.query(`SELECT name, value FROM audit_meta WHERE name LIKE 'map:%'`)) as Row[];
    for (const { name, value } of maps) {
      const { columns } = JSON.parse(value!) as { columns: { property: string; primary?: true }[] };
      const key = columns.filter(({ primary }) => primary).map(({ property }) => property);
      if (key.length === 0) continue;
      const changed = key.map(() => 'instr(changed_fields, ?) > 0').join(' OR ');
      const entries = (await queryRunner.query(
        `SELECT id, entity_id, before_image FROM audit_entry
         WHERE schema_version = ? AND before_image IS NOT NULL AND after_image IS NOT NULL AND (${changed})`,
        [Number(name!.slice('map:'.length)), ...key.map((property) => JSON.stringify(property))],
      )) as Row[];
      for (const { id, entity_id, before_image } of entries) {
        const before = idOf(key, JSON.parse(before_image!) as Record<string, unknown>);
        if (before === entity_id) continue;
        await queryRunner.query('UPDATE audit_entry SET moved_from = ? WHERE id = ?', [before, id]);
      }
    }
  }
}

type Row = Record<string, string | null>;

function idOf(key: readonly string[], image: Record<string, unknown>): string {
  if (key.length > 1) return JSON.stringify(Object.fromEntries(key.map((property) => [property, image[property]])));
  const value = image[key[0]!];
  return typeof value === 'string' ? value : JSON.stringify(value);
}
