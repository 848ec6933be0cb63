/**
 * Roll-ups move counts from one table to another: whoever does is alone with them until its transaction ends, and whoever
 * adds both up sees them before or after. Nobody else has to do with it, writers of the application least of all.
 */
export function holdRollUps(mode: 'Shared' | 'Exclusive'): string {
  // That there is no lock comes as a code, not as an error.
  return `DECLARE @rollups nvarchar(60) = CONCAT(N'audit_trail_rollup_', DB_ID()), @held int;
    EXEC @held = sp_getapplock @Resource = @rollups, @LockMode = N'${mode}', @LockOwner = N'Transaction';
    IF @held < 0 THROW 51001, N'audit trail: no lock on the roll-ups', 1`;
}
