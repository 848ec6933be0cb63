import { DataSource } from 'typeorm';
import { optionsOf } from '../../support/databases';
import type { Contestant } from './contestant';

/** Stock TypeORM; the process has loaded nothing of the library. */
export async function openPlain(file: string): Promise<Contestant> {
  const dataSource = new DataSource(optionsOf(file));
  await dataSource.initialize();
  return {
    dataSource,
    run: (_correlationId, work) => work(),
    settle: async () => undefined,
    recorded: () => 0,
    forget: () => undefined,
  };
}
