import type { DataSource } from 'typeorm';

/** TypeORM's types that it makes ntext or text of, which triggers can't see, and of which it takes no more than a part. */
const long = new Set<unknown>(['simple-json', 'simple-array', 'text', 'ntext']);

interface DriverSeam {
  normalizeType(column: { type?: unknown }): string;
}

/**
 * Long texts of any kind are nvarchar(max): entities that were written for another database keep their meaning here, and
 * triggers see all of them.
 */
export function makeTypesPortable(dataSource: DataSource): void {
  const driver = dataSource.driver as unknown as DriverSeam;
  const normalizeType = driver.normalizeType.bind(driver);
  driver.normalizeType = (column) => (long.has(column.type) ? 'nvarchar' : normalizeType(column));
  const seam = dataSource as unknown as { buildMetadatas(): Promise<void> };
  const buildMetadatas = seam.buildMetadatas.bind(dataSource);
  seam.buildMetadatas = async () => {
    await buildMetadatas();
    for (const column of dataSource.entityMetadatas.flatMap(({ columns }) => columns)) {
      if (long.has(column.type)) column.length = 'max';
    }
  };
}
