import { nowMs } from './audit-tables';
import { quoteName } from './quote';

/** The name in `audit_meta` of the first second that may not be settled yet. */
export const settledNote = 'settled';

const second = `${nowMs} / 1000`;
const resource = (of: string) => `CONCAT(N'audit_trail_', DB_ID(), N'_', ${of})`;
const hourOf = (of: string) => resource(`N'h', ${of} / 3600`);

/**
 * What every transaction does before it writes entries: it holds a shared lock, named after the second, until it ends. Such
 * locks are in nobody's way; that one is held can be seen by any process, without a right to look at the server's
 * transactions. Two looks at the clock: a lock counts only where it was there before its second was over. The lock of
 * the hour spares whoever has not looked for long to look at each second.
 */
export const holdHorizon = `DECLARE @audit_second bigint, @audit_lock nvarchar(60);
  WHILE @audit_lock IS NULL OR @audit_second <> ${second}
  BEGIN
    SELECT @audit_second = ${second};
    SET @audit_lock = ${hourOf('@audit_second')};
    EXEC sp_getapplock @Resource = @audit_lock, @LockMode = N'Shared', @LockOwner = N'Transaction';
    SET @audit_lock = ${resource('@audit_second')};
    EXEC sp_getapplock @Resource = @audit_lock, @LockMode = N'Shared', @LockOwner = N'Transaction';
  END`;

const isFree = (of: string) => `APPLOCK_TEST(N'public', ${of}, N'Exclusive', N'Session') = 1`;

/** `code` of the error by which the search below is left; nobody sees it. */
const foundHeld = 51001;

/**
 * Goes from the last note to the first second whose lock somebody holds, at most to the current one: `@second`, `@isHeld`.
 * It is left by an error, because a server was seen to keep something of each lock that was not free, until its session
 * meets one.
 */
function seek(schema: string): string {
  return `SET NOCOUNT ON;
    DECLARE @now bigint = ${nowMs}, @isHeld bit = 0, @second bigint = (SELECT CONVERT(bigint, value) FROM ${quoteName(schema)}.[audit_meta] WHERE name = N'${settledNote}');
    SET @second = COALESCE(@second, @now / 1000);
    BEGIN TRY
      WHILE 1 = 1
      BEGIN
        IF @second % 3600 = 0 AND @second + 3600 <= @now / 1000 AND ${isFree(hourOf('@second'))} SET @second = @second + 3600;
        ELSE
        BEGIN
          IF NOT ${isFree(resource('@second'))} THROW ${foundHeld}, N'held', 1;
          IF @second >= @now / 1000 BREAK;
          SET @second = @second + 1;
        END
      END
    END TRY
    BEGIN CATCH
      IF ERROR_NUMBER() <> ${foundHeld} THROW;
      SET @isHeld = 1;
    END CATCH;`;
}

/**
 * One row: `since`, milliseconds since 1970 on the server's clock: whatever was recorded before has committed, or never will;
 * and `heldMs`, the age of the oldest transaction that has written entries and is open, null where there is none.
 */
export function commitHorizon(schema: string): string {
  return `${seek(schema)}
    SELECT 0 AS [rows], NULL AS newest, CASE WHEN @isHeld = 1 THEN @second * 1000 ELSE @now END AS since, 0 AS quarantined,
      CASE WHEN @isHeld = 1 THEN @now - @second * 1000 END AS heldMs`;
}

/** Notes how far everything is settled, so that whoever asks next need not begin further back. */
export function noteHorizon(schema: string): string {
  return `${seek(schema)}
    UPDATE ${quoteName(schema)}.[audit_meta] SET value = CONVERT(nvarchar(20), @second)
      WHERE name = N'${settledNote}' AND TRY_CONVERT(bigint, value) < @second`;
}
