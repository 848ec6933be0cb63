import type { QueryRunner } from 'typeorm';

/** Where tables are that name no schema, quoted. */
export function schemaOf(queryRunner: QueryRunner): string {
  // `connection`: TypeORM 0.3 has no `dataSource` here.
  const { schema = 'dbo' } = queryRunner.connection.driver;
  return `[${schema.replaceAll(']', ']]')}]`;
}
