import { expect, it } from 'vitest';
import { freshDatabase, stockOnServer, wire } from '../mssql';
import { Note } from '../note';

it('records batches, calls with their parameters and transactions, each a round trip', async () => {
  const dataSource = await stockOnServer([Note], await freshDatabase());
  const sent = await wire.during(async () => {
    await dataSource.query('SELECT 1');
    await dataSource.query('SELECT @0', ['x']);
    await dataSource.transaction((manager) => manager.query('SELECT 2'));
  });
  const database = dataSource.options.database;
  expect(sent.map(({ kind, sql, parameters }) => [kind, sql, parameters.at(-1)?.value])).toEqual([
    ['rpc', 'SELECT 1', 'SELECT 1'],
    ['rpc', 'SELECT @0', 'x'],
    ['transaction', '', undefined],
    ['rpc', 'SELECT 2', 'SELECT 2'],
    ['transaction', '', undefined],
  ]);
  expect(new Set(sent.map((message) => message.database))).toEqual(new Set([database]));
});

it('follows the triggers of each table, so that OUTPUT is refused only while there are any', async () => {
  const dataSource = await stockOnServer([Note], await freshDatabase());
  const softDelete = () => dataSource.query('DELETE FROM note OUTPUT deleted.id WHERE id = 0');
  await softDelete();
  expect(wire.takeViolations()).toEqual([]);

  await dataSource.query('CREATE TRIGGER note_trigger ON dbo.note AFTER INSERT AS SET NOCOUNT ON');
  // SQL Server answers with error 334; a server of another make may not.
  await softDelete().catch(() => undefined);
  expect(wire.takeViolations()).toEqual([expect.stringContaining('DELETE with OUTPUT without INTO on note')]);

  await dataSource.query('DROP TRIGGER note_trigger');
  await softDelete();
  expect(wire.takeViolations()).toEqual([]);
});

it('holds a table of the same name in another database apart', async () => {
  const captured = await stockOnServer([Note], await freshDatabase());
  await captured.query('CREATE TRIGGER note_trigger ON note AFTER INSERT AS SET NOCOUNT ON');
  const plain = await stockOnServer([Note], await freshDatabase());
  await plain.query('DELETE FROM note OUTPUT deleted.id WHERE id = 0');
  expect(wire.takeViolations()).toEqual([]);
});

it('sees what the driver refuses itself as not sent', async () => {
  const dataSource = await stockOnServer([Note], await freshDatabase());
  const sent = await wire.during(async () => {
    await dataSource.query('SELECT @0', [Symbol('none')]).catch(() => undefined);
  });
  expect(sent).toEqual([]);
});
