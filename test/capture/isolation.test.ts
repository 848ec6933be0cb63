import type { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { audited, stock } from '../support/databases';
import { Gate, settle } from '../support/gate';
import { Note } from '../support/note';

/** A scenario gives what it saw; it must be `right` under audit, and is something else on a stock DataSource. */
interface Hazard {
  name: string;
  right: unknown;
  run: (this: void, dataSource: DataSource) => Promise<unknown>;
}

const rollBack = new Error('roll back');
const texts = async (dataSource: DataSource) =>
  (await dataSource.getRepository(Note).find({ order: { text: 'ASC' } })).map(({ text }) => text);

/** A transaction that is open from the call on until the gate, and rolls back then. */
function rollingBack(dataSource: DataSource, gate: Gate): Promise<void> {
  return dataSource
    .transaction(async (manager) => {
      await manager.insert(Note, { text: 'of the one that rolls back' });
      await gate.opened;
      throw rollBack;
    })
    .catch((error: unknown) => {
      if (error !== rollBack) throw error as Error;
    });
}

const hazards: Hazard[] = [
  {
    name: 'a transaction that committed while another was open survives the rollback of the other',
    right: ['committed'],
    async run(dataSource) {
      const gate = new Gate();
      const other = rollingBack(dataSource, gate);
      await settle();
      const mine = dataSource.transaction((manager) => manager.insert(Note, { text: 'committed' }));
      await settle();
      gate.open();
      await Promise.allSettled([other, mine]);
      return texts(dataSource);
    },
  },
  {
    name: 'a plain insert() that has resolved is not rolled back by somebody else',
    right: ['resolved'],
    async run(dataSource) {
      const gate = new Gate();
      const other = rollingBack(dataSource, gate);
      await settle();
      const insert = dataSource.getRepository(Note).insert({ text: 'resolved' });
      await settle();
      gate.open();
      await Promise.allSettled([other, insert]);
      return texts(dataSource);
    },
  },
  {
    name: 'a save() of another flow waits its turn',
    right: ['saved'],
    async run(dataSource) {
      const gate = new Gate();
      const other = rollingBack(dataSource, gate);
      await settle();
      const save = dataSource.getRepository(Note).save({ text: 'saved' });
      await settle();
      gate.open();
      await Promise.allSettled([other, save]);
      return texts(dataSource);
    },
  },
  {
    name: 'what is read is committed',
    right: [],
    async run(dataSource) {
      const gate = new Gate();
      const other = rollingBack(dataSource, gate);
      await settle();
      const read = texts(dataSource);
      await settle();
      gate.open();
      await other;
      return read;
    },
  },
  {
    name: 'the data option of one save() is not seen by another',
    right: ['one', 'two'],
    async run(dataSource) {
      const seen: unknown[] = [];
      dataSource.subscribers.push({
        async beforeInsert({ queryRunner }) {
          await settle();
          seen.push(queryRunner.data['name']);
        },
      });
      const notes = dataSource.getRepository(Note);
      await Promise.allSettled(['one', 'two'].map((name) => notes.save({ text: name }, { data: { name } })));
      return seen;
    },
  },
];

describe('isolation of flows on one connection', () => {
  for (const { name, right, run } of hazards) {
    it(name, async () => {
      const { dataSource } = await audited([Note]);
      expect(await run(dataSource)).toEqual(right);
    });

    it(`… which a stock DataSource gets wrong`, async () => {
      expect(await run(await stock([Note]))).not.toEqual(right);
    });
  }
});
