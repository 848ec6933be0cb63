import { binaryCollation } from './audit-tables';
import { quoteName } from './quote';
import { rollUpRows } from './store-sql';

/**
 * Entries are counted by what they say of themselves, not by a place in the log: a transaction that commits late has
 * lower numbers than others that are long counted. What has not committed is passed by, and found the next time.
 * One run at a time: others return at once.
 */
export function rollUp(schema: string): string {
  const [entry, rollup] = ['audit_entry', 'audit_rollup'].map((table) => `${quoteName(schema)}.${quoteName(table)}`);
  const key = ['period', 'bucket', 'entity', 'operation', 'actor'];
  const same = key.map((name) => `r.${name} = n.${name}`).join(' AND ');
  // A table variable has the collation of the database, which SQL Server compares with no other, and which may take two
  // names for one.
  const text = (length: number) => `nvarchar(${length}) ${binaryCollation}`;
  const columns = [...key, 'entries', 'first_id', 'last_id'].join(', ');
  return `SET NOCOUNT ON; SET XACT_ABORT ON;
    DECLARE @claimed TABLE (id bigint, entity ${text(255)}, operation ${text(20)}, actor ${text(255)}, missing tinyint, recorded_at bigint);
    DECLARE @shares TABLE (period ${text(20)}, bucket ${text(20)}, entity ${text(255)}, operation ${text(20)}, actor ${text(255)}, entries bigint, first_id bigint, last_id bigint);
    DECLARE @lock int, @count int = 0, @resource nvarchar(60) = CONCAT(N'audit_trail_rollup_', DB_ID());
    BEGIN TRANSACTION;
    EXEC @lock = sp_getapplock @Resource = @resource, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 0;
    IF @lock >= 0
    BEGIN
      UPDATE TOP (?) e SET is_counted = 1
        OUTPUT inserted.id, inserted.entity, inserted.operation, inserted.actor, inserted.missing, inserted.recorded_at INTO @claimed
        FROM ${entry} e WITH (READCOMMITTEDLOCK, READPAST, ROWLOCK) WHERE e.is_counted = 0;
      SET @count = (SELECT COUNT(*) FROM @claimed);
      INSERT INTO @shares ${rollUpRows('@claimed')};
      UPDATE r SET entries = r.entries + n.entries,
          first_id = CASE WHEN r.first_id < n.first_id THEN r.first_id ELSE n.first_id END,
          last_id = CASE WHEN r.last_id > n.last_id THEN r.last_id ELSE n.last_id END
        FROM ${rollup} r JOIN @shares n ON ${same};
      INSERT INTO ${rollup} (${columns}) SELECT ${columns} FROM @shares n
        WHERE NOT EXISTS (SELECT 1 FROM ${rollup} r WHERE ${same});
    END
    COMMIT TRANSACTION;
    SELECT @count AS [count]`;
}
