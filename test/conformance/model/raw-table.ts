import { EntitySchema, type ColumnType, type EntitySchemaColumnOptions } from 'typeorm';
import type { App } from '../write-path';

/** Columns as `name: type`; those of the key are named separately. */
export interface RawTable {
  key?: string[];
  columns: Record<string, ColumnType | (EntitySchemaColumnOptions & { type: ColumnType })>;
}

/** An entity over a table that the model's `setup` makes, because TypeORM can't declare it. */
export function rawTable(name: string, { key = ['id'], columns }: RawTable): EntitySchema {
  const options = Object.entries(columns).map(([column, given]): [string, EntitySchemaColumnOptions] => {
    const own = typeof given === 'object' ? given : { type: given };
    return [column, { nullable: true, ...own, primary: key.includes(column) }];
  });
  return new EntitySchema<object>({
    name: `${name}Entity`,
    tableName: name,
    synchronize: false,
    columns: Object.fromEntries(options),
  });
}

/** Runs statements one after the other, as an application's raw SQL; outside a transaction, each is judged by itself. */
export async function queries(app: Pick<App, 'manager'> & Partial<App>, ...statements: string[]): Promise<void> {
  for (const statement of statements) {
    await app.manager.query(statement);
    await app.checkpoint?.();
  }
}
