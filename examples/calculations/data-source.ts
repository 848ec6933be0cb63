import type { DataSource } from 'typeorm';
import { createDataSource } from 'typeorm-audit-trail';
import { SystemCalculation } from './entities/system-calculation';
import { UserCalculation } from './entities/user-calculation';
import { CreateCalculations1763000000000 } from './migrations/1763000000000-create-calculations';
import { SeedSystemCalculations1763000000001 } from './migrations/1763000000001-seed-system-calculations';

/**
 * The application's database, not connected yet. Nothing here depends on which one it is: the URL decides, and whether the
 * audit log is in another one.
 *
 * The tables come from migrations, never from `synchronize`, which would drop a column and its data without asking.
 */
export function createCalculationsDataSource(url: string, auditDatabase?: string): DataSource {
  return createDataSource(url, {
    entities: [UserCalculation, SystemCalculation],
    migrations: [CreateCalculations1763000000000, SeedSystemCalculations1763000000001],
    synchronize: false,
    // What the audit trail has to say while it runs, such as a drain that will be tried again.
    logging: ['warn'],
    audit: auditDatabase ? { auditDatabase } : {},
  });
}
