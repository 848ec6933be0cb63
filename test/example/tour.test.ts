import { describe, expect, it } from 'vitest';
import { ExampleApp, type EntryJson } from './example-app';

const gross = { name: 'gross price', formula: 'net * (1 + vat_rate)', inputs: { net: 100 } };
const user = 'UserCalculation';
const junction = 'user_calculation_uses';

const why = (reason: string, correlationId: string) => ({
  headers: { 'x-reason': reason, 'x-correlation-id': correlationId },
});

/** What an entry says, in a line: operation, entity, key and the fields that changed. */
function line({ operation, entity, entity_id, changes }: EntryJson): string {
  return [operation, entity, entity_id, changes.map(({ field }) => field).join('+')].join(' ').trim();
}

function change(entry: EntryJson | undefined, field: string): unknown[] {
  const found = entry?.changes.find((candidate) => candidate.field === field);
  return found ? [found.before, found.after] : [];
}

describe('the tour', () => {
  it('leaves one entry a changed row, in order, each with who, why and what', async () => {
    const example = await ExampleApp.start();
    const path = '/api/calculations';

    const created = await example.do('analyst', `POST ${path}`, { body: gross, ...why('quote for Smith', 'req-1') });
    expect(created).toMatchObject({ ...gross, result: 120, status: 'done', owner: 'analyst', uses: ['vat_rate'] });
    const one = `${path}/${created.id}`;

    const changed = await example.do('reviewer', `PATCH ${one}`, {
      body: { formula: 'net * 2', inputs: { net: 120 } },
      ...why('price raised', 'req-2'),
    });
    expect(changed).toMatchObject({ result: 240, uses: [] });
    await example.do('analyst', `DELETE ${one}`, why('withdrawn', 'req-3'));
    expect((await example.refused('analyst', `GET ${one}`)).status).toBe(404);
    await example.do('analyst', `POST ${one}/restore`, why('asked again', 'req-4'));
    expect(await example.do('analyst', `GET ${one}`)).toMatchObject({ result: 240, deleted_at: null });
    await example.do('operator', `DELETE ${one}?hard=true`, why('a test', 'req-5'));
    expect((await example.refused('analyst', `GET ${one}?include_deleted=true`)).status).toBe(404);

    const entries = await example.entries();
    expect(
      entries.map((entry) => [entry.correlation_id, entry.actor, entry.reason, entry.operation, entry.entity]),
    ).toEqual([
      ['req-1', 'analyst', 'quote for Smith', 'insert', user],
      ['req-1', 'analyst', 'quote for Smith', 'link', junction],
      ['req-2', 'reviewer', 'price raised', 'update', user],
      ['req-2', 'reviewer', 'price raised', 'unlink', junction],
      ['req-3', 'analyst', 'withdrawn', 'soft_delete', user],
      ['req-4', 'analyst', 'asked again', 'restore', user],
      ['req-5', 'operator', 'a test', 'delete', user],
    ]);
    expect(entries.map(({ source }) => source)).toEqual(Array(7).fill('http'));
    expect(entries.map(({ id }) => id)).toEqual(entries.map(({ id }) => id).sort((a, b) => a - b));

    const [insert, link, update, unlink, softDelete, restore, removal] = entries;
    expect(insert).toMatchObject({ before: null, entity_id: String(created.id), table: 'user_calculation' });
    expect(insert?.after).toMatchObject({ ...gross, id: created.id, result: 120, status: 'done', deletedAt: null });
    expect(insert?.metadata).toEqual({ method: 'POST', route: '/api/calculations' });
    expect(link?.after).toEqual({ userCalculationId: created.id, systemCalculationId: 1 });
    expect(unlink?.before).toEqual(link?.after);
    expect(update?.before).toEqual(insert?.after);
    expect(change(update, 'inputs')).toEqual([{ net: 100 }, { net: 120 }]);
    expect(change(update, 'result')).toEqual([120, 240]);
    expect(change(update, 'formula')).toEqual([gross.formula, 'net * 2']);
    expect(change(update, 'status')).toEqual([]);
    expect(change(softDelete, 'deletedAt')).toEqual([null, expect.stringMatching(/^\d{4}-/)]);
    expect(change(restore, 'deletedAt')).toEqual([expect.stringMatching(/^\d{4}-/), null]);
    expect(removal).toMatchObject({ after: null, before: restore?.after });

    const transactions = entries.map(({ transaction_id }) => transaction_id);
    expect(transactions[1]).toBe(transactions[0]);
    expect(transactions[3]).toBe(transactions[2]);
    expect(new Set(transactions).size).toBe(5);
  });

  it('recalculates everything of an owner in one transaction', async () => {
    const example = await ExampleApp.start();
    const create = (name: string, owner: string, net: number) =>
      example.do('analyst', 'POST /api/calculations', { body: { ...gross, name, owner, inputs: { net } } });
    const first = await create('first', 'smith', 100);
    const other = await create('other', 'jones', 100);
    const second = await create('second', 'smith', 200);
    const deleted = await create('deleted', 'smith', 300);
    await example.do('analyst', `DELETE /api/calculations/${deleted.id}`);
    await example.do('reviewer', 'PATCH /api/system-calculations/1', { body: { inputs: { percent: 25 } } });

    const report = await example.do('analyst', 'POST /api/calculations/recalculate', {
      body: { owner: 'smith' },
      ...why('new tax rate', 'batch-1'),
    });
    expect(report).toEqual({ owner: 'smith', recalculated: 2, failed: 0 });

    const entries = await example.entries('&correlation_id=batch-1');
    const keys = [first, second].map(({ id }) => String(id));
    expect(entries.map((entry) => [entry.operation, entry.entity_id, change(entry, 'status')])).toEqual([
      ...keys.map((key) => ['update', key, ['done', 'pending']]),
      ...keys.map((key) => ['update', key, ['pending', 'done']]),
    ]);
    expect(entries.map((entry) => change(entry, 'result'))).toEqual([[], [], [120, 125], [240, 250]]);
    expect(new Set(entries.map(({ transaction_id }) => transaction_id)).size).toBe(1);
    expect(entries.every(({ actor, reason }) => actor === 'analyst' && reason === 'new tax rate')).toBe(true);
    expect(await example.do('analyst', `GET /api/calculations/${other.id}`)).toMatchObject({ result: 120 });
  });

  it('shows what a foreign key removed, and the seeds of the migration', async () => {
    const example = await ExampleApp.start();
    const { id } = await example.do('analyst', 'POST /api/calculations', { body: gross });
    await example.do('analyst', `DELETE /api/calculations/${id}?hard=true`, why('cascade', 'req-9'));
    const removed = await example.entries('&correlation_id=req-9');
    expect(removed.map(({ operation, entity }) => `${operation} ${entity}`).sort()).toEqual([
      `delete ${user}`,
      `unlink ${junction}`,
    ]);
    expect(new Set(removed.map(({ transaction_id }) => transaction_id)).size).toBe(1);

    const seeds = await example.entries('&entity=SystemCalculation', { migrations: true });
    expect(seeds.map(({ operation, after }) => [operation, after?.['name']])).toEqual([
      ['insert', 'vat_rate'],
      ['insert', 'hours_per_month'],
      ['insert', 'monthly_interest'],
    ]);
  });

  it('writes nothing for a change that changes nothing, or is refused', async () => {
    const example = await ExampleApp.start();
    const { id } = await example.do('analyst', 'POST /api/calculations', { body: gross });
    const before = (await example.entries()).map(line);
    await example.do('analyst', `PATCH /api/calculations/${id}`, { body: gross });
    await example.do('analyst', `POST /api/calculations/${id}/restore`);
    await example.refused('analyst', `PATCH /api/calculations/${id}`, { body: { name: 'x', formula: 'unknown + 1' } });
    await example.refused('analyst', 'POST /api/calculations', { body: { ...gross, formula: '1 +' } });
    expect((await example.entries()).map(line)).toEqual(before);
    expect(await example.do('analyst', `GET /api/calculations/${id}`)).toMatchObject(gross);
  });

  it('keeps the flows of concurrent requests apart', async () => {
    const example = await ExampleApp.start();
    const ids = Array.from({ length: 40 }, (_, index) => index);
    await Promise.all(
      ids.map((index) =>
        example.do(index % 2 ? 'analyst' : 'operator', 'POST /api/calculations', {
          body: { ...gross, name: `c${index}` },
          ...why(`reason ${index}`, `req-${index}`),
        }),
      ),
    );
    const entries = await example.entries('&entity=UserCalculation');
    expect(entries).toHaveLength(ids.length);
    for (const { after, actor, reason, correlation_id } of entries) {
      const index = Number(String(after?.['name']).slice(1));
      expect([actor, reason, correlation_id]).toEqual([
        index % 2 ? 'analyst' : 'operator',
        `reason ${index}`,
        `req-${index}`,
      ]);
    }
  });

  it('takes the request id for a correlation id where none is given, and reads UTF-8 in headers', async () => {
    const example = await ExampleApp.start();
    const reason = Buffer.from('Prüfung: naïve Näherung', 'utf8').toString('latin1');
    await example.do('analyst', 'POST /api/calculations', { body: gross, headers: { 'x-reason': reason } });
    await example.do('analyst', 'POST /api/calculations', { body: gross, headers: { 'x-reason': ' ' } });
    const entries = await example.entries('&entity=UserCalculation');
    expect(entries.map((entry) => entry.reason)).toEqual(['Prüfung: naïve Näherung', null]);
    expect(entries[0]?.correlation_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(entries[1]?.correlation_id).not.toBe(entries[0]?.correlation_id);
  });
});
