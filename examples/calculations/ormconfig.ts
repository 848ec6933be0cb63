import { defaultDatabaseUrl } from './config';
import { createCalculationsDataSource } from './data-source';

/** For the TypeORM command line: `npx typeorm migration:show -d dist/examples/calculations/ormconfig.js`. */
export const dataSource = createCalculationsDataSource(process.env.DATABASE_URL ?? defaultDatabaseUrl);
