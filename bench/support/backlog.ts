import { DataSource } from 'typeorm';
import { auditContext, AuditTrail } from '../../src/index';
import { optionsOf } from './databases';
import { newInvoice } from './entities';

/** Rows of one request: two fifths inserted, two fifths updated, a fifth deleted. */
const requestRows = 20;
const requestStatements = {
  insert: `WITH RECURSIVE number(n) AS (VALUES (?) UNION ALL SELECT n + 1 FROM number WHERE n < ?)
    INSERT INTO invoice (customer, status, total, positions, isPaid, details)
    SELECT 'Customer ' || n, 'draft', n || '.25', n % 50, n % 2, ? FROM number`,
  update: `UPDATE invoice SET status = 'sent', positions = positions + 1 WHERE id BETWEEN ? AND ?`,
  delete: `DELETE FROM invoice WHERE id BETWEEN ? AND ?`,
};

/**
 * Makes a database file whose outbox holds that many changes by many actors, not drained, with nothing in the log.
 * @param changes a multiple of 20
 */
export async function makeBacklog(file: string, changes: number): Promise<void> {
  if (changes % requestRows !== 0) throw new RangeError(`${changes} is no multiple of ${requestRows}.`);
  const dataSource = new DataSource(optionsOf(file));
  const trail = await AuditTrail.attach(dataSource, { drain: false, onWarning: () => undefined });
  const details = JSON.stringify(newInvoice(0).details);
  const fifth = requestRows / 5;
  for (let request = 0; request < changes / requestRows; request += 1) {
    const context = {
      actor: `user${request % 100}@example.org`,
      reason: 'import',
      correlationId: `request ${request}`,
    };
    const first = request * 2 * fifth + 1;
    const last = first + 2 * fifth - 1;
    await auditContext.run(context, async () => {
      await dataSource.query(requestStatements.insert, [first, last, details]);
      await dataSource.query(requestStatements.update, [first, last]);
      await dataSource.query(requestStatements.delete, [last - fifth + 1, last]);
    });
  }
  // The outbox stays full.
  await trail.close({ drainTimeoutMs: 0 });
  await dataSource.destroy();
}
