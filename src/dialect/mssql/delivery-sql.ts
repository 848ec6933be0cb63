import type { DeliverySql } from '../server-dialect';
import { binaryCollation } from './audit-tables';
import { quoteName } from './quote';
import { holdRollUps } from './rollup-lock';
import { rollUpRows } from './store-sql';

/** @param schema of the audit tables */
export function deliverySql(schema: string): DeliverySql {
  const [entry, uncounted, context, rollup, meta] = [
    'audit_entry',
    'audit_uncounted',
    'audit_context',
    'audit_rollup',
    'audit_meta',
  ].map((table) => `${quoteName(schema)}.${quoteName(table)}`);
  const key = ['period', 'bucket', 'entity', 'operation', 'actor'];
  const text = (length: number) => `nvarchar(${length}) ${binaryCollation}`;
  return {
    lockLog: `DECLARE @lock int, @resource nvarchar(255) = N'audit_trail_delivery_' + ?;
      EXEC @lock = sp_getapplock @Resource = @resource, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 20000;
      IF @lock < 0 THROW 51001, N'audit trail: another delivery of the same log goes on', 1`,
    // What somebody else has locked is passed by, which may be who removes it.
    removeDelivered: remove('WITH (READCOMMITTEDLOCK, READPAST, ROWLOCK)'),
    // Nobody else has it locked, and not every level of isolation can pass by.
    removeOwn: remove('WITH (ROWLOCK)'),
  };

  // Contexts go with the last entry they are of. Counts of what warnOnly let through stay: it was let through here. In a
  // transaction of the application's it removes what that has written itself, which nobody has counted.
  function remove(hint: string): string {
    return `SET NOCOUNT ON; SET XACT_ABORT ON;
      DECLARE @gone TABLE (log_id ${text(36)}, entity ${text(255)}, operation ${text(20)}, actor ${text(255)}, missing tinyint, recorded_at bigint,
        context_id ${text(36)}, id bigint);
      DECLARE @uncounted TABLE (id bigint);
      DECLARE @own nvarchar(36) = (SELECT value FROM ${meta} WHERE name = N'log_id');
      BEGIN TRANSACTION;
      IF @@TRANCOUNT = 1
      BEGIN
        ${holdRollUps('Exclusive')};
      END
      DELETE e OUTPUT deleted.log_id, deleted.entity, deleted.operation, deleted.actor, deleted.missing, deleted.recorded_at, deleted.context_id, deleted.id INTO @gone
        FROM ${entry} e ${hint} WHERE e.id IN (SELECT CONVERT(bigint, value) FROM OPENJSON(?));
      DELETE u OUTPUT deleted.id INTO @uncounted FROM ${uncounted} u WHERE u.id IN (SELECT id FROM @gone);
      UPDATE r SET entries = r.entries - n.entries
        FROM ${rollup} r JOIN (${rollUpRows('(SELECT * FROM @gone WHERE id NOT IN (SELECT id FROM @uncounted)) g')}) n ON ${key.map((name) => `r.${name} = n.${name}`).join(' AND ')} AND n.period <> N'missing';
      DELETE FROM ${rollup} WHERE entries = 0;
      INSERT INTO ${meta} (name, value) SELECT DISTINCT N'delivered-log:' + COALESCE(g.log_id, @own), N'' FROM @gone g
        WHERE NOT EXISTS (SELECT 1 FROM ${meta} m WHERE m.name = N'delivered-log:' + COALESCE(g.log_id, @own));
      DELETE c FROM ${context} c WHERE c.id IN (SELECT context_id FROM @gone) AND (
        (c.transaction_id <> N'' AND NOT EXISTS (SELECT 1 FROM ${entry} e WHERE e.transaction_id = c.transaction_id AND e.context_id = c.id))
        OR (c.transaction_id = N'' AND NOT EXISTS (SELECT 1 FROM ${entry} e WHERE e.context_id = c.id)));
      COMMIT TRANSACTION`;
  }
}
