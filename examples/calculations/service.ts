import type { FastifyInstance } from 'fastify';
import type { DataSource } from 'typeorm';
import { auditContext, AuditTrail } from 'typeorm-audit-trail';
import { buildApp } from './app';
import type { Config } from './config';
import { createCalculationsDataSource } from './data-source';

export interface Service {
  app: FastifyInstance;
  dataSource: DataSource;
  trail: AuditTrail;
  /** Names of the application's migrations that this start ran. */
  migrationsRun: string[];
  /** Where it listens, as a URL. */
  address: string;
}

/** Everything in order: database, audit trail, migrations, HTTP. What was opened is closed again if one of them fails. */
export async function startService(config: Config): Promise<Service> {
  const dataSource = createCalculationsDataSource(config.databaseUrl);
  try {
    // Before the migrations: what they change is history like anything else.
    const trail = await AuditTrail.attach(dataSource);
    const migrations = await auditContext.run(
      { actor: 'system', reason: 'database migrations at start', source: 'start' },
      () => dataSource.runMigrations({ transaction: 'each' }),
    );
    const app = await buildApp({ trail, keys: config.keys, server: { logger: { level: config.logLevel } } });
    const address = await app.listen({ host: config.host, port: config.port });
    return { app, dataSource, trail, migrationsRun: migrations.map(({ name }) => name), address };
  } catch (error) {
    if (dataSource.isInitialized) await dataSource.destroy();
    throw error;
  }
}
