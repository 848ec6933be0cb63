import { DataSource } from 'typeorm';
import type { EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { PlannedColumn, PlannedTable } from '../model/planned-table';
import type { AloneOptions } from './alone-database';
import { dataSourceOptionsOf } from './data-source-options';
import { serverDialectOf } from './select';

interface Seam {
  buildMetadatas(): Promise<void>;
}

/**
 * The tables that entities would have in the database of a URL, which is not opened. None where it takes any value in any
 * column, as SQLite does.
 * @throws what TypeORM says of entities that can't be there, such as a type that the database does not have
 */
export async function plannedTables(url: string, options: AloneOptions): Promise<PlannedTable[]> {
  const dataSource = new DataSource({ ...options, ...dataSourceOptionsOf(url), logging: false });
  const dialect = serverDialectOf(dataSource);
  if (!dialect) return [];
  dialect.makeTypesPortable(dataSource);
  // TypeORM builds the metadata behind the connection, but without it.
  await (dataSource as unknown as Seam).buildMetadatas();
  const tables = new Map<string, PlannedTable>();
  for (const metadata of dataSource.entityMetadatas) {
    if (metadata.tableType === 'view') continue;
    const { tableName } = metadata;
    const columns = metadata.columns.map((column) => columnOf(dataSource, column, (type) => dialect.columnKind(type)));
    const known = tables.get(tableName);
    // Classes that share a table have columns of their own.
    if (known) known.columns.push(...columns.filter(({ name }) => !known.columns.some((other) => other.name === name)));
    else tables.set(tableName, { table: tableName, columns, uniques: uniquesOf(metadata) });
  }
  return [...tables.values()];
}

function columnOf(
  dataSource: DataSource,
  column: ColumnMetadata,
  kindOf: (type: string) => PlannedColumn['kind'],
): PlannedColumn {
  const { driver } = dataSource;
  const type = driver.normalizeType(column);
  const length = Number(driver.getColumnLength(column));
  return {
    name: column.databaseName,
    type,
    kind: kindOf(column.type === 'simple-json' ? 'simple-json' : type),
    ...(length > 0 && { length }),
    isNullable: column.isNullable,
    isComputed: column.asExpression !== undefined || type === 'rowversion' || type === 'timestamp',
  };
}

function uniquesOf(metadata: EntityMetadata): string[][] {
  const names = (columns: readonly ColumnMetadata[]) => columns.map(({ databaseName }) => databaseName);
  return [
    names(metadata.primaryColumns),
    ...metadata.uniques.map(({ columns }) => names(columns)),
    // One with a condition is of some rows only.
    ...metadata.indices.filter(({ isUnique, where }) => isUnique && !where).map(({ columns }) => names(columns)),
  ].filter((columns) => columns.length > 0);
}
