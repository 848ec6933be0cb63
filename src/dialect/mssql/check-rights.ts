import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { type CheckSteps, messageOf } from '../check-steps';

const tablesRemedy =
  'Grant CREATE TABLE in the database and ALTER on the schema of the user, or run audit-trail migrate as somebody who has them.';
const triggersRemedy = 'Grant ALTER on the tables, or on their schema, to the user who runs audit-trail migrate.';
/** So many tables are named. */
const named = 5;

/**
 * `tables`: whether this user may create what the audit schema is made of; `triggers`: and triggers, on each of the tables
 * that it sees. Doing it says more than the list of rights; the transaction is rolled back.
 */
export async function checkRights(dataSource: DataSource, steps: CheckSteps): Promise<void> {
  const runner = dataSource.createQueryRunner();
  const table = `audit_check_${randomBytes(6).toString('hex')}`;
  await runner.startTransaction();
  try {
    const mayCreate = await steps.attempt('tables', tablesRemedy, async () => {
      await runner.query(`CREATE TABLE [${table}] (id int)`);
      await runner.query(`CREATE SEQUENCE [${table}_seq] AS bigint START WITH 1`);
      return 'may be created, and sequences';
    });
    if (!mayCreate) return steps.skip(['triggers'], 'there is no table to try one on');
    await runner.query(`CREATE TRIGGER [${table}_trg] ON [${table}] AFTER INSERT AS SET NOCOUNT ON`);
    const tables = await runner.manager.query<{ name: string }[]>(unalterable, [table]);
    reportTables(tables, steps);
  } catch (error) {
    steps.fail('triggers', messageOf(error), triggersRemedy);
  } finally {
    // Some errors have rolled it back.
    await runner.rollbackTransaction().catch(() => undefined);
    await runner.release();
  }
}

/** The table that was just made is known to take one. */
const unalterable = `
  SELECT QUOTENAME(s.name) + N'.' + QUOTENAME(t.name) AS name
  FROM sys.tables t JOIN sys.schemas s ON s.schema_id = t.schema_id
  WHERE t.is_ms_shipped = 0 AND t.name <> @0
    AND COALESCE(HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(t.name), N'OBJECT', N'ALTER'), 0) = 0
  ORDER BY 1`;

function reportTables(tables: readonly { name: string }[], steps: CheckSteps): void {
  if (tables.length === 0) return steps.ok('triggers', 'may be created on every table that this user sees');
  const names = tables.slice(0, named).map(({ name }) => name);
  const more = tables.length > named ? ` and ${tables.length - named} more` : '';
  steps.fail('triggers', `May not be created on ${names.join(', ')}${more}.`, triggersRemedy);
}
