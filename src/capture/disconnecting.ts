import type { DataSource } from 'typeorm';

/**
 * TypeORM's closing of a DataSource. What the trail still has to do comes first; where that fails the connection is closed
 * all the same, and the DataSource, which TypeORM would take for open after an error, can be initialised again.
 * @throws what the trail's work throws
 */
export async function disconnecting(
  dataSource: DataSource,
  finish: (() => Promise<void>) | undefined,
  disconnect: () => Promise<void>,
): Promise<void> {
  try {
    await finish?.();
  } catch (error) {
    await disconnect();
    await dataSource.queryResultCache?.disconnect();
    Object.assign(dataSource, { isInitialized: false });
    throw error;
  }
  await disconnect();
}
