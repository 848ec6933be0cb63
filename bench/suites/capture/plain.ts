import { DataSource } from 'typeorm';
import { optionsOf, prepared } from '../../support/databases';
import type { Contestant } from './contestant';

/** Stock TypeORM; the process has loaded nothing of the library. */
export async function openPlain(file: string): Promise<Contestant> {
  const dataSource = new DataSource(optionsOf(file));
  await dataSource.initialize();
  await prepared(dataSource);
  return {
    dataSource,
    run: (_correlationId, work) => work(),
    settle: async () => undefined,
    recorded: async () => 0,
    forget: async () => undefined,
  };
}
