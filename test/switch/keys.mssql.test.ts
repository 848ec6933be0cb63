import { type DataSource, EntitySchema } from 'typeorm';
import { expect, it } from 'vitest';
import { AuditTrail, createDataSource } from '../../src/index';
import { switchDatabase } from '../../src/switch/switch-database';
import { afterTest, stock, temporaryFile } from '../support/databases';
import { freshDatabase, stockOnServer } from '../support/mssql';
import { behind } from './behind';

interface Ticket {
  id: string;
  note: string;
}

interface Reading {
  device: number;
  at: Date;
  value: number;
}

const Ticket = new EntitySchema<Ticket>({
  name: 'Ticket',
  columns: { id: { type: 'uuid', primary: true, generated: 'uuid' }, note: { type: String, length: 20 } },
});
/** With the type of instants that keeps milliseconds on the database. */
const entitiesOf = (at: 'datetime' | 'datetime2') => [
  Ticket,
  new EntitySchema<Reading>({
    name: 'Reading',
    columns: { device: { type: Number, primary: true }, at: { type: at, primary: true }, value: { type: Number } },
  }),
];
const inFiles = entitiesOf('datetime');
const onServers = entitiesOf('datetime2');
const options = { tables: 'all' as const, application: { entities: onServers } };

async function target(): Promise<string> {
  const url = await freshDatabase();
  await (await stockOnServer(onServers, url)).destroy();
  return url;
}

async function file(name: string): Promise<string> {
  const path = temporaryFile(name);
  await (await stock(inFiles, path)).destroy();
  return path;
}

async function open(url: string, entities: typeof inFiles) {
  const dataSource = createDataSource(url, { entities, audit: { drain: false } });
  const trail = await AuditTrail.attach(dataSource);
  afterTest(async () => {
    if (dataSource.isInitialized) await dataSource.destroy();
  });
  return { dataSource, trail };
}

/** Changes both rows, and reads what each has a history of. */
async function change({ dataSource, trail }: { dataSource: DataSource; trail: AuditTrail }, ticket: string, at: Date) {
  const value = Date.now() % 100_000;
  await dataSource.getRepository<Ticket>('Ticket').update({ id: ticket }, { note: `${value}` });
  await dataSource.getRepository<Reading>('Reading').update({ device: 7, at }, { value });
  await trail.flush();
  const operations = async (entity: string, id: unknown) =>
    (await trail.history(entity, id)).entries.map(({ operation }) => operation);
  const key = { device: 7, at: at.toISOString() };
  return {
    ticket: await operations('Ticket', ticket),
    reading: await operations('Reading', key),
    now: await trail.asOf('Reading', key, new Date(Date.now() + 60_000)),
    value,
    differences: (await trail.doctor()).differences,
  };
}

it(
  'the history of a row goes on where its key is a uuid or an instant, there and back',
  { timeout: 120_000 },
  async () => {
    const here = await file('source.sqlite');
    const at = new Date('2026-01-31T12:00:00.123Z');
    const before = await open(`sqlite:${here}`, inFiles);
    const { id } = await before.dataSource.getRepository<Ticket>('Ticket').save({ note: 'here' });
    await before.dataSource.getRepository<Reading>('Reading').insert({ device: 7, at, value: 1 });
    await before.dataSource.destroy();

    const server = await target();
    const there = await switchDatabase(`sqlite:${here}`, server, options);
    expect(there.steps.find(({ name }) => name === 'keys')).toMatchObject({ status: 'ok' });
    const away = await open(server, onServers);
    const onServer = await change(away, id, at);
    const history = { ticket: ['update', 'insert'], reading: ['update', 'insert'] };
    expect(onServer).toMatchObject({ ...history, now: { image: { value: onServer.value } }, differences: [] });
    await away.dataSource.destroy();

    const back = await file('back.sqlite');
    const home = await switchDatabase(server, `sqlite:${back}`, options);
    expect(home.steps.find(({ name }) => name === 'keys')).toMatchObject({ status: 'ok' });
    const again = await open(`sqlite:${back}`, inFiles);
    const inFile = await change(again, id, at);
    const longer = { ticket: ['update', ...history.ticket], reading: ['update', ...history.reading] };
    expect(inFile).toMatchObject({ ...longer, now: { image: { value: inFile.value } }, differences: [] });
    const { entries } = await again.trail.history('Ticket', id);
    expect(await again.trail.revert('Ticket', id, { beforeEntry: entries[1]!.id })).toMatchObject({
      restored: ['note'],
    });
    expect(await again.dataSource.getRepository<Ticket>('Ticket').find()).toEqual([{ id, note: 'here' }]);
  },
);

it(
  'warns where a key of the source has a form that the other database does not give it',
  { timeout: 60_000 },
  async () => {
    const here = await file('source.sqlite');
    behind(here, (database) =>
      database.exec(`INSERT INTO ticket VALUES ('6F9619FF-8B86-D011-B42D-00C04FC964FF', 'capitals'), ('00000000-0000-0000-0000-00000000000a', 'small');
    INSERT INTO reading VALUES (1, '2026-01-31 12:00:00', 1), (1, '2026-01-31 12:00:00.1234Z', 1), (1, '2026-01-31 12:00:00.120', 1)`),
    );
    await (await open(`sqlite:${here}`, inFiles)).dataSource.destroy();
    const { ok, steps } = await switchDatabase(`sqlite:${here}`, await target(), { ...options, dryRun: true });
    expect(ok).toBe(true);
    expect(steps.find(({ name }) => name === 'keys')).toMatchObject({
      status: 'warning',
      detail:
        'Entries of the target call some rows otherwise, by the form of their keys there: 1 of ticket, 2 of reading.',
    });
  },
);
