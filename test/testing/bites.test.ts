import type { Database } from 'better-sqlite3';
import type { DataSource } from 'typeorm';
import { describe, expect, test } from 'vitest';
import { AuditTrail } from '../../src/index';
import { conformanceCases } from '../../src/testing/testing';
import { office } from './office';
import { stockDataSource } from './stock-data-source';

const samples = { Invoice: ({ serial }: { serial: number }) => ({ amount: 1 + (serial % 100), state: 'open' }) };

/** A database on which capture or the log is tampered with, behind the library's back. */
async function tampered(sql: string): Promise<DataSource> {
  const dataSource = stockDataSource(office);
  await AuditTrail.attach(dataSource, { drain: false });
  (dataSource.driver as unknown as { databaseConnection: Database }).databaseConnection.exec(sql);
  return dataSource;
}

/** What the case says on such a database; undefined where it passes. */
async function verdictOf(name: string, sql: string): Promise<string | undefined> {
  const cases = await conformanceCases(() => tampered(sql), { samples });
  const found = cases.find((one) => one.name === name);
  if (!found) throw new Error(`there is no case ${name}`);
  try {
    await found.run();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const lose = (kind: string) =>
  `CREATE TEMP TRIGGER thief AFTER INSERT ON main.audit_outbox WHEN NEW.operation = '${kind}'
  BEGIN DELETE FROM audit_outbox WHERE id = NEW.id; END`;

const entryColumns = `log_id, seq, transaction_id, entity, table_name, entity_id, operation, before_image, after_image,
  changed_fields, actor, correlation_id, context_id, schema_version, recorded_at, codec`;

/** On each entry of a case: the statements of a trigger. */
const forge = (when: string, statements: string) =>
  `CREATE TEMP TRIGGER forger AFTER INSERT ON main.audit_entry WHEN ${when} BEGIN ${statements}; END`;

const tamperings: [what: string, name: string, sql: string, message: RegExp][] = [
  ['an insert lost', 'Team: insert()', lose('I'), /it happened, and is not recorded so: insert of team/],
  ['an update lost', 'Employee: update() of two rows', lose('U'), /true changes are employee\.U×2; recorded are none/],
  ['a delete lost', 'Invoice: delete() of two rows', lose('D'), /true changes are invoice\.D×2; recorded are none/],
  [
    'cascades lost',
    'Reminder: invoice: its row deleted (ON DELETE CASCADE)',
    forge(`NEW.table_name = 'reminder' AND NEW.operation = 'delete'`, 'DELETE FROM audit_entry WHERE id = NEW.id'),
    /not recorded so: delete of reminder/,
  ],
  [
    'links lost',
    'Invoice: tags: linked by the relation query builder',
    forge(`NEW.operation = 'link'`, 'DELETE FROM audit_entry WHERE id = NEW.id'),
    /not recorded so: insert of invoice_tags_tag/,
  ],
  [
    'a value altered',
    'Employee: save: insert',
    forge('true', `UPDATE audit_entry SET after_image = replace(after_image, 'é', 'e') WHERE id = NEW.id`),
    /recorded, and it did not happen like that: insert of employee: .*name = text "name e/,
  ],
  [
    'an entry invented',
    'Employee: update() of one row',
    forge(
      `NEW.operation = 'update'`,
      `INSERT INTO audit_entry (${entryColumns}) SELECT ${entryColumns} FROM audit_entry WHERE id = NEW.id`,
    ),
    /recorded, and it did not happen like that: update of employee/,
  ],
  [
    'an entry and its opposite invented, which cancel out',
    'Team: raw SQL: UPDATE',
    forge(
      `NEW.operation = 'update'`,
      `INSERT INTO audit_entry (${entryColumns}) SELECT ${entryColumns.replace('before_image, after_image', 'after_image, before_image')} FROM audit_entry WHERE id = NEW.id;
      INSERT INTO audit_entry (${entryColumns}) SELECT ${entryColumns} FROM audit_entry WHERE id = NEW.id`,
    ),
    /true changes are team\.U; recorded are team\.U×3/,
  ],
  [
    'an operation mistaken',
    'Employee: softDelete()',
    forge(`NEW.operation = 'soft_delete'`, `UPDATE audit_entry SET operation = 'update' WHERE id = NEW.id`),
    /operation is update, but its images say soft_delete/,
  ],
  [
    'an actor swapped',
    'Employee: save: insert',
    `CREATE TEMP TRIGGER forger AFTER INSERT ON main.audit_outbox BEGIN
      UPDATE audit_outbox SET context = json_set(context, '$.actor', 'mallory') WHERE id = NEW.id; END`,
    /the actor is mallory, and it was conformance/,
  ],
  [
    'the actors of two flows taken for each other',
    'Employee: two flows at once, each with its actor',
    forge(
      `NEW.actor = 'conformance: who inserts'`,
      `UPDATE audit_entry SET actor = 'conformance: who deletes',
        context_id = (SELECT max(id) FROM audit_context WHERE actor = 'conformance: who deletes') WHERE id = NEW.id`,
    ),
    /the actor is .*, and it was conformance: who inserts/,
  ],
  [
    'a secret in the outbox',
    'Employee: insert()',
    `CREATE TEMP TRIGGER spy AFTER INSERT ON main.audit_outbox BEGIN
      UPDATE audit_outbox SET v31 = (SELECT passport FROM employee ORDER BY id DESC LIMIT 1) WHERE id = NEW.id; END`,
    /a value of the redacted column employee\.passport is in audit_outbox\.v31/,
  ],
  [
    'a secret in an entry',
    'Employee: update() of salary, @Redacted',
    forge(
      `NEW.operation = 'update'`,
      `UPDATE audit_entry SET changed_fields = (SELECT hex(salary) || ' ' || salary FROM employee ORDER BY id DESC LIMIT 1) WHERE id = NEW.id`,
    ),
    /a value of the redacted column employee\.salary is in audit_entry\.changed_fields/,
  ],
  [
    'the change of a secret unmarked',
    'Employee: update() of passport, @Redacted',
    forge('true', `UPDATE audit_entry SET after_image = replace(after_image, ',"changed":true', '') WHERE id = NEW.id`),
    /it happened, and is not recorded so: update of employee/,
  ],
  [
    'a column that is not audited recorded',
    'Employee: insert()',
    forge('true', `UPDATE audit_entry SET after_image = json_set(after_image, '$.mood', 'good') WHERE id = NEW.id`),
    /no property mood|did not happen like that/,
  ],
];

describe('the suite objects to', () => {
  test.each(tamperings)('%s', { timeout: 120_000 }, async (_what, name, sql, message) => {
    expect(await verdictOf(name, sql)).toMatch(message);
    expect(await verdictOf(name, 'SELECT 1')).toBeUndefined();
  });
});
