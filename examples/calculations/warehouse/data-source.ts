import type { DataSource } from 'typeorm';
import { createDataSource } from 'typeorm-audit-trail';
import { CreatePublishedResults1763500000000 } from './1763500000000-create-published-results';
import { PublishedResult } from './published-result';

/** The second database of the application, not connected yet: other entities, other migrations, a trail of its own. */
export function createWarehouseDataSource(url: string): DataSource {
  return createDataSource(url, {
    entities: [PublishedResult],
    migrations: [CreatePublishedResults1763500000000],
    synchronize: false,
    logging: ['warn'],
  });
}
