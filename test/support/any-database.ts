import type { DataSource } from 'typeorm';

export interface AnyDatabase {
  url: string;
  drop: () => Promise<void>;
}

let make = (): Promise<AnyDatabase> => Promise.resolve({ url: 'sqlite::memory:', drop: () => Promise.resolve() });
let isServer = false;

/** From here on the tests of this file have their databases there. They are the same tests: what holds, holds on both. */
export function useServer(makeOnServer: () => Promise<AnyDatabase>): void {
  make = makeOnServer;
  isServer = true;
}

export function isOnServer(): boolean {
  return isServer;
}

/** A DataSource on a database of its own, which goes when the DataSource is destroyed. */
export async function onAnyDatabase(create: (url: string) => DataSource): Promise<DataSource> {
  const { url, drop } = await make();
  const dataSource = create(url);
  const destroy = dataSource.destroy.bind(dataSource);
  dataSource.destroy = async () => {
    await destroy();
    await drop();
  };
  return dataSource;
}
