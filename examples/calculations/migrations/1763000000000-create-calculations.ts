import { Table, type MigrationInterface, type QueryRunner, type TableColumnOptions } from 'typeorm';

/** The tables of the application. Types that differ between databases are asked of the driver, as the entities do, through `connection`: TypeORM 0.3 has it under this name alone. */
export class CreateCalculations1763000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    const integer = queryRunner.connection.driver.normalizeType({ type: Number });
    await queryRunner.createTable(
      new Table({
        name: 'system_calculation',
        columns: calculationColumns(queryRunner),
        indices: [{ columnNames: ['name'], isUnique: true }, { columnNames: ['owner'] }],
      }),
    );
    await queryRunner.createTable(
      new Table({
        name: 'user_calculation',
        columns: calculationColumns(queryRunner),
        indices: [{ columnNames: ['owner'] }],
      }),
    );
    await queryRunner.createTable(
      new Table({
        name: 'user_calculation_uses',
        columns: [
          { name: 'userCalculationId', type: integer, isPrimary: true },
          { name: 'systemCalculationId', type: integer, isPrimary: true },
        ],
        indices: [{ columnNames: ['userCalculationId'] }, { columnNames: ['systemCalculationId'] }],
        foreignKeys: [
          cascadingKey('userCalculationId', 'user_calculation'),
          cascadingKey('systemCalculationId', 'system_calculation'),
        ],
      }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('user_calculation_uses');
    await queryRunner.dropTable('user_calculation');
    await queryRunner.dropTable('system_calculation');
  }
}

function calculationColumns({ connection: { driver } }: QueryRunner): TableColumnOptions[] {
  const { createDate, createDateDefault, updateDate, updateDateDefault, deleteDate } = driver.mappedDataTypes;
  const json = driver.normalizeType({ type: 'simple-json' });
  return [
    {
      name: 'id',
      type: driver.normalizeType({ type: Number }),
      isPrimary: true,
      isGenerated: true,
      generationStrategy: 'increment',
    },
    { name: 'name', type: 'nvarchar', length: '100' },
    { name: 'formula', type: 'nvarchar', length: '500' },
    { name: 'inputs', type: json, ...(json === 'nvarchar' && { length: 'max' }) },
    { name: 'result', type: 'float', isNullable: true },
    { name: 'status', type: 'varchar', length: '10' },
    { name: 'error', type: 'nvarchar', length: '500', isNullable: true },
    { name: 'owner', type: 'nvarchar', length: '100' },
    { name: 'createdAt', type: String(createDate), default: createDateDefault },
    { name: 'updatedAt', type: String(updateDate), default: updateDateDefault },
    { name: 'deletedAt', type: String(deleteDate), isNullable: true },
  ];
}

function cascadingKey(column: string, table: string) {
  return {
    columnNames: [column],
    referencedTableName: table,
    referencedColumnNames: ['id'],
    onDelete: 'CASCADE',
    onUpdate: 'CASCADE',
  };
}
