import { setImmediate as turn } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { auditContext, AuditTrail } from '../../../src/index';
import { optionsOf, prepared } from '../../support/databases';
import { first } from '../../support/handle';
import { actor, type Contestant, reason, type Sample } from './contestant';

export interface AuditedContestant extends Contestant {
  /** What is in the outbox, by transaction. */
  sample(limit: number): Promise<Sample>;
}

/**
 * With the drain, what it does belongs to the changes that it drains: `settle` waits until it has nothing left to do.
 * Without, the records stay in the outbox.
 */
export async function openAudited(file: string, drain: boolean): Promise<AuditedContestant> {
  const dataSource = new DataSource(optionsOf(file));
  const trail = await AuditTrail.attach(dataSource, { drain });
  const handle = await prepared(dataSource);
  const recorded = drain ? 'SELECT count(*) FROM audit_entry' : 'SELECT count(*) FROM audit_outbox WHERE part = 0';
  return {
    dataSource,
    run: (correlationId, work) => auditContext.run({ actor, reason, correlationId }, work),
    settle: async () => {
      if (!drain) return;
      await trail.flush();
      // The drain looks once more whether the outbox is empty, before it rests.
      for (let turns = 0; turns < 4; turns += 1) await turn();
    },
    recorded: async () => Number(await first(handle, recorded)),
    forget: async () => {
      // The roll-ups stay: they have a row for each kind of change, however many there are.
      for (const table of ['outbox', 'entry', 'context']) await handle.exec(`DELETE FROM audit_${table}`);
    },
    sample: async (limit) => {
      const rows = await handle.all('SELECT * FROM audit_outbox ORDER BY id');
      const transactions = new Map<unknown, Record<string, unknown>[]>();
      for (const { id: _id, ...values } of rows) {
        const transaction = transactions.get(values['transaction_id']);
        const filled = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));
        if (transaction) transaction.push(filled);
        else transactions.set(values['transaction_id'], [filled]);
      }
      const createTable = await first(handle, `SELECT sql FROM sqlite_master WHERE name = 'audit_outbox'`);
      return { createTable: createTable as string, transactions: [...transactions.values()].slice(0, limit) };
    },
  };
}
