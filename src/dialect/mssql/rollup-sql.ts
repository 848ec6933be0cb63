import { binaryCollation } from './audit-tables';
import { quoteName } from './quote';
import { holdRollUps } from './rollup-lock';
import { rollUpRows } from './store-sql';

/**
 * Entries are counted one by one, not by a place in the log: a transaction that commits late has lower numbers than
 * others that are long counted. What has not committed is passed by, and found the next time. The entries themselves are
 * only read: a reader would pass by one that is locked.
 */
export function rollUp(schema: string): string {
  const [entry, uncounted, rollup] = ['audit_entry', 'audit_uncounted', 'audit_rollup'].map(
    (table) => `${quoteName(schema)}.${quoteName(table)}`,
  );
  const key = ['period', 'bucket', 'entity', 'operation', 'actor'];
  const same = key.map((name) => `r.${name} = n.${name}`).join(' AND ');
  // A table variable has the collation of the database, which SQL Server compares with no other, and which may take two
  // names for one.
  const text = (length: number) => `nvarchar(${length}) ${binaryCollation}`;
  const columns = [...key, 'entries', 'first_id', 'last_id'].join(', ');
  return `SET NOCOUNT ON; SET XACT_ABORT ON;
    DECLARE @claimed TABLE (id bigint);
    DECLARE @shares TABLE (period ${text(20)}, bucket ${text(20)}, entity ${text(255)}, operation ${text(20)}, actor ${text(255)}, entries bigint, first_id bigint, last_id bigint);
    BEGIN TRANSACTION;
    ${holdRollUps('Exclusive')};
    DELETE TOP (?) FROM ${uncounted} WITH (READCOMMITTEDLOCK, READPAST, ROWLOCK) OUTPUT deleted.id INTO @claimed;
    INSERT INTO @shares ${rollUpRows(`(SELECT e.id, e.entity, e.operation, e.actor, e.missing, e.recorded_at
      FROM @claimed c JOIN ${entry} e WITH (READCOMMITTEDLOCK) ON e.id = c.id) t`)};
    UPDATE r SET entries = r.entries + n.entries,
        first_id = CASE WHEN r.first_id < n.first_id THEN r.first_id ELSE n.first_id END,
        last_id = CASE WHEN r.last_id > n.last_id THEN r.last_id ELSE n.last_id END
      FROM ${rollup} r JOIN @shares n ON ${same};
    INSERT INTO ${rollup} (${columns}) SELECT ${columns} FROM @shares n
      WHERE NOT EXISTS (SELECT 1 FROM ${rollup} r WHERE ${same});
    COMMIT TRANSACTION;
    SELECT COUNT(*) AS [count] FROM @claimed`;
}
