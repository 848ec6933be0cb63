import { Table, type MigrationInterface, type QueryRunner } from 'typeorm';

export class CreatePublishedResults1763500000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // TypeORM 0.3 has it under this name alone.
    const { driver } = queryRunner.connection;
    const { createDate, createDateDefault } = driver.mappedDataTypes;
    const integer = driver.normalizeType({ type: Number });
    await queryRunner.createTable(
      new Table({
        name: 'published_result',
        columns: [
          { name: 'id', type: integer, isPrimary: true, isGenerated: true, generationStrategy: 'increment' },
          { name: 'calculationId', type: integer },
          { name: 'name', type: 'nvarchar', length: '100' },
          { name: 'result', type: 'float' },
          { name: 'publishedAt', type: String(createDate), default: createDateDefault },
        ],
      }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('published_result');
  }
}
