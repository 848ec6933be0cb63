import { describe, test, vi } from 'vitest';
import { useServer } from '../support/any-database';
import { makeDatabase } from '../support/mssql';

/** The same tests as on SQLite. Those that no trail is opened for are left out: they can't differ. */
const suites = {
  access: () => import('./access.test.js'),
  'bad queries': () => import('./bad-queries.test.js'),
  'bad requests': () => import('./bad-requests.test.js'),
  dashboard: () => import('./dashboard.test.js'),
  encapsulation: () => import('./encapsulation.test.js'),
  flush: () => import('./flush.test.js'),
  'plugin options': () => import('./plugin-options.test.js'),
  recent: () => import('./recent.test.js'),
  reports: () => import('./reports.test.js'),
};

vi.setConfig({ hookTimeout: 120_000, testTimeout: 120_000 });
useServer(makeDatabase);
// Their hooks would open databases before the one test that says why there are none.
if (process.env['TEST_MSSQL_URL'])
  for (const [name, load] of Object.entries(suites)) describe(name, load as () => void);
else test('the HTTP suite', () => {});
