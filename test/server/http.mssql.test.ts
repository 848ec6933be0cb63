import { expect, test } from 'vitest';
import { DashboardReport, Flush, Recent, Stats } from '../../src/http/schemas';
import { auditContext } from '../../src/index';
import { answerOf, openApp } from '../http/support';
import { afterTest, audited } from '../support/databases';
import { freshDatabase } from '../support/mssql';
import { Tag } from './entities';

test('the routes answer for a trail whose entries are written at once', async () => {
  const { dataSource, trail } = await audited([Tag], { url: await freshDatabase() });
  const app = await openApp({ trail });
  afterTest(() => app.close());
  await auditContext.run({ actor: 'ann' }, () => dataSource.getRepository(Tag).insert([{ name: 'a' }, { name: 'b' }]));
  await dataSource.getRepository(Tag).delete({ name: 'a' });

  expect(await answerOf(app, 'GET /api/audit/stats', Stats)).toMatchObject({
    database_type: 'sql_server_optimized',
    deferred_mode: false,
    pending_count: 0,
    commit_interval: 2,
    batch_size: 25,
    total_entries: 3,
    capture: { tables: ['tag'], missing_triggers: [], stale_triggers: [] },
  });
  const page = await answerOf(app, 'GET /api/audit/recent?actor=ann&limit=1&from=2026-01-01', Recent);
  expect(page).toMatchObject({ entries: [{ entity_id: 'b', operation: 'insert' }] });
  const rest = await answerOf(app, `GET /api/audit/recent?actor=ann&cursor=${String(page['next_cursor'])}`, Recent);
  expect(rest).toMatchObject({ entries: [{ entity_id: 'a' }], next_cursor: null });
  expect(await answerOf(app, 'POST /api/audit/flush', Flush)).toMatchObject({ flushed: 0, pending_count: 0 });
  const dashboard = await answerOf(app, 'GET /api/audit/dashboard', DashboardReport);
  expect(dashboard).toMatchObject({ total_entries: 3, top_actors: [{ name: 'ann', count: 2 }] });
});
