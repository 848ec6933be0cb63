import { DataSource, type EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { AloneOptions } from './alone-database';
import { dataSourceOptionsOf } from './data-source-options';
import { serverDialectOf } from './select';

interface Seam {
  buildMetadatas(): Promise<void>;
}

/** A DataSource that is not opened, with the metadata that its entities have for the database of a URL. */
export async function metadataFor(url: string, options: AloneOptions): Promise<DataSource> {
  const dataSource = new DataSource({ ...options, ...dataSourceOptionsOf(url), logging: false });
  serverDialectOf(dataSource)?.makeTypesPortable(dataSource);
  // TypeORM builds the metadata behind the connection, but without it.
  await (dataSource as unknown as Seam).buildMetadatas();
  return dataSource;
}

/** A table of the application's entities, by its path in both databases. */
export interface ApplicationTable {
  from: string;
  to: string;
  /** Columns in which an entity must have a value. */
  required: string[];
  /** Columns of the primary key first, then those of each unique constraint and index. */
  uniques: string[][];
}

/**
 * The tables of entities in two databases, junction and closure tables included; views have no rows of their own. The
 * entities may have types that one of the databases does not know: its tables say then what they are.
 * @throws what TypeORM says of entities that can be in neither, and for one in a database of its own
 */
export async function applicationTables(
  fromUrl: string,
  toUrl: string,
  options: AloneOptions,
): Promise<ApplicationTable[]> {
  const { entityMetadatas } = await metadataFor(toUrl, options).catch(() => metadataFor(fromUrl, options));
  const pathFrom = pathsOf(fromUrl);
  const pathTo = pathsOf(toUrl);
  const tables = new Map<string, ApplicationTable>();
  for (const metadata of entityMetadatas) {
    if (metadata.tableType === 'view') continue;
    const { columns, database, name, tablePath } = metadata;
    if (database !== undefined) throw new Error(`${name} is in the database "${database}", which does not move.`);
    const known = tables.get(tablePath);
    const required = columns.filter(({ isNullable }) => !isNullable).map(({ databaseName }) => databaseName);
    // Of classes that share a table the first is the one that all rows have.
    if (!known) {
      const uniques = uniquesOf(metadata);
      tables.set(tablePath, { from: pathFrom(metadata), to: pathTo(metadata), required, uniques });
    }
  }
  return [...tables.values()];
}

/** Schemas are of servers. */
function pathsOf(url: string): (metadata: EntityMetadata) => string {
  const server = serverDialectOf(new DataSource(dataSourceOptionsOf(url)));
  return ({ schema, tableName }) =>
    server && schema !== undefined && schema !== server.defaultSchema ? `${schema}.${tableName}` : tableName;
}

/** Columns of the primary key of an entity, then those of each of its unique constraints and indexes. */
export function uniquesOf(metadata: EntityMetadata): string[][] {
  const names = (columns: readonly ColumnMetadata[]) => columns.map(({ databaseName }) => databaseName);
  return [
    names(metadata.primaryColumns),
    ...metadata.uniques.map(({ columns }) => names(columns)),
    // One with a condition is of some rows only.
    ...metadata.indices.filter(({ isUnique, where }) => isUnique && !where).map(({ columns }) => names(columns)),
  ].filter((columns) => columns.length > 0);
}
