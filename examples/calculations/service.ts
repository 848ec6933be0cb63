import type { FastifyInstance } from 'fastify';
import type { DataSource } from 'typeorm';
import { auditContext, AuditTrail } from 'typeorm-audit-trail';
import { buildApp } from './app';
import type { Config } from './config';
import { createCalculationsDataSource } from './data-source';
import { createWarehouseDataSource } from './warehouse/data-source';

/** A database of the application, with its trail. */
export interface AuditedDatabase {
  trail: AuditTrail;
  /** Names of the application's migrations that this start ran. */
  migrationsRun: string[];
}

export interface Service extends AuditedDatabase {
  app: FastifyInstance;
  warehouse: AuditedDatabase | undefined;
  /** Where it listens, as a URL. */
  address: string;
}

/** Everything in order: databases, audit trails, migrations, HTTP. What was opened is closed again if one of them fails. */
export async function startService(config: Config): Promise<Service> {
  const { auditDatabaseUrl: auditDatabase, databaseUrl, warehouseUrl, keys, logLevel } = config;
  const opened: DataSource[] = [];
  const open = (dataSource: DataSource) => {
    opened.push(dataSource);
    return openDatabase(dataSource);
  };
  try {
    const database = await open(createCalculationsDataSource(databaseUrl, auditDatabase));
    const warehouse = warehouseUrl ? await open(createWarehouseDataSource(warehouseUrl)) : undefined;
    const server = { logger: { level: logLevel } };
    const app = await buildApp({ trail: database.trail, warehouse: warehouse?.trail, keys, server });
    const address = await app.listen({ host: config.host, port: config.port });
    return { ...database, warehouse, app, address };
  } catch (error) {
    for (const dataSource of opened) if (dataSource.isInitialized) await dataSource.destroy();
    throw error;
  }
}

async function openDatabase(dataSource: DataSource): Promise<AuditedDatabase> {
  // Before the migrations: what they change is history like anything else.
  const trail = await AuditTrail.attach(dataSource);
  const migrations = await auditContext.run(
    { actor: 'system', reason: 'database migrations at start', source: 'start' },
    () => dataSource.runMigrations({ transaction: 'each' }),
  );
  return { trail, migrationsRun: migrations.map(({ name }) => name) };
}
