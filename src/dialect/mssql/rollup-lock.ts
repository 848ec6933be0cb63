/**
 * Roll-ups move counts from one table to another: whoever does is alone with them until its transaction ends, and whoever
 * adds both up sees them before or after. Nobody else has to do with it, writers of the application least of all.
 */
export function holdRollUps(mode: 'Shared' | 'Exclusive'): string {
  return `DECLARE @rollups nvarchar(60) = CONCAT(N'audit_trail_rollup_', DB_ID());
    EXEC sp_getapplock @Resource = @rollups, @LockMode = N'${mode}', @LockOwner = N'Transaction'`;
}
