import type { DataSource } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';

interface DriverSeam {
  buildTableVariableDeclaration(identifier: string, columns: ColumnMetadata[]): string;
}

/** As TypeORM writes soft removes and recoveries of entities. */
const plainOutput = /^(UPDATE (".+?") SET .+? OUTPUT )((?:INSERTED\."(?:[^"]|"")+"(?:, )?)+)( WHERE .*)$/s;

/**
 * OUTPUT without INTO is refused on a table with triggers (error 334); into a table of the batch's own it is not, which is
 * what TypeORM makes of its other statements.
 */
export function withOutputTable(dataSource: DataSource, sql: string): string {
  const match = plainOutput.exec(sql);
  if (!match) return sql;
  const [, update, table, output, where] = match as unknown as [string, string, string, string, string];
  const path = table.replace(/"/g, '');
  const metadata = dataSource.entityMetadatas.find(({ tablePath }) => tablePath === path);
  const names = [...output.matchAll(/INSERTED\."((?:[^"]|"")+)"/g)].map(([, name]) => name!.replaceAll('""', '"'));
  const columns = names.map((name) => metadata?.findColumnWithDatabaseName(name));
  if (!columns.every((column) => column !== undefined)) return sql;
  const driver = dataSource.driver as unknown as DriverSeam;
  const declaration = driver.buildTableVariableDeclaration('@OutputTable', columns);
  return `${declaration}; ${update}${output} INTO @OutputTable${where}; SELECT * FROM @OutputTable`;
}
