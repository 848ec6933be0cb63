import { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { AuditSchemaMoves1763800000000 } from '../../migrations/1763800000000-audit-schema-moves';
import { Seat } from '../baseline/entities';
import { audited, temporaryFile } from '../support/databases';

it('rows that moved before the log kept their earlier keys are found all the same', async () => {
  const url = `sqlite:${temporaryFile()}`;
  const { dataSource, trail } = await audited([Seat], { url });
  await dataSource.getRepository(Seat).insert({ row: 'A', number: 1, guest: 'ann' });
  await dataSource.query(`UPDATE seat SET number = 2`);
  await dataSource.query(`UPDATE seat SET guest = 'bob'`);
  await trail.flush();
  await dataSource.destroy();
  // The log as the first version left it.
  const old = new DataSource({ type: 'better-sqlite3', database: url.slice('sqlite:'.length) });
  await old.initialize();
  await new AuditSchemaMoves1763800000000().down(old.createQueryRunner());
  await old.query(`DELETE FROM audit_migrations WHERE name LIKE '%Moves%'`);
  await old.destroy();

  const again = await audited([Seat], { url });
  const { entries } = await again.trail.history(Seat, { row: 'A', number: 2 });
  expect(entries.map(({ operation }) => operation)).toEqual(['update', 'update', 'insert']);
  expect(await again.dataSource.query('SELECT id, moved_from FROM audit_entry ORDER BY id')).toEqual([
    { id: 1, moved_from: null },
    { id: 2, moved_from: '{"row":"A","number":1}' },
    { id: 3, moved_from: null },
  ]);
  expect((await again.trail.doctor()).differences).toEqual([]);
});
