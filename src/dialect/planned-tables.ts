import type { DataSource } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { PlannedColumn, PlannedTable } from '../model/planned-table';
import type { AloneOptions } from './alone-database';
import { metadataFor, uniquesOf } from './application-tables';
import { serverDialectOf } from './select';
import type { ServerDialect } from './server-dialect';

/**
 * The tables that entities would have in the database of a URL, which is not opened. None where it takes any value in any
 * column, as SQLite does.
 * @throws what TypeORM says of entities that can't be there, such as a type that the database does not have
 */
export async function plannedTables(url: string, options: AloneOptions): Promise<PlannedTable[]> {
  const dataSource = await metadataFor(url, options);
  const dialect = serverDialectOf(dataSource);
  if (!dialect) return [];
  const tables = new Map<string, PlannedTable>();
  for (const metadata of dataSource.entityMetadatas) {
    if (metadata.tableType === 'view') continue;
    const { tableName } = metadata;
    const columns = metadata.columns.map((column) => columnOf(dataSource, column, dialect));
    const known = tables.get(tableName);
    // Classes that share a table have columns of their own.
    if (known) known.columns.push(...columns.filter(({ name }) => !known.columns.some((other) => other.name === name)));
    else tables.set(tableName, { table: tableName, columns, uniques: uniquesOf(metadata) });
  }
  return [...tables.values()];
}

function columnOf(dataSource: DataSource, column: ColumnMetadata, dialect: ServerDialect): PlannedColumn {
  const { driver } = dataSource;
  const type = driver.normalizeType(column);
  const length = Number(driver.getColumnLength(column));
  return {
    name: column.databaseName,
    type,
    kind: dialect.columnKind(column.type === 'simple-json' ? 'simple-json' : type),
    ...dialect.measures(type, column.precision ?? undefined, column.scale),
    ...(length > 0 && { length }),
    isNullable: column.isNullable,
    isComputed: column.asExpression !== undefined || type === 'rowversion' || type === 'timestamp',
  };
}
