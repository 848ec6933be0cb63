DROP TRIGGER IF EXISTS [dbo].[audit_trail_loose]
GO
CREATE TRIGGER [dbo].[audit_trail_loose] ON [dbo].[loose] AFTER INSERT, UPDATE, DELETE AS
BEGIN
  SET NOCOUNT ON;
  SET ROWCOUNT 0;
  SET ANSI_WARNINGS, ANSI_PADDING, CONCAT_NULL_YIELDS_NULL ON;
  SET NUMERIC_ROUNDABORT OFF;
  IF NOT EXISTS (SELECT 1 FROM inserted) AND NOT EXISTS (SELECT 1 FROM deleted) RETURN;
  DECLARE @context nvarchar(36) = CONVERT(nvarchar(36), SESSION_CONTEXT(N'audit_trail')), @transaction nvarchar(64), @actor nvarchar(255), @reason nvarchar(2000), @correlation nvarchar(255);
  SELECT @transaction = transaction_id, @actor = actor, @reason = reason, @correlation = correlation_id
    FROM [dbo].[audit_context] WITH (READCOMMITTEDLOCK) WHERE id = @context AND server_transaction = CURRENT_TRANSACTION_ID();
  IF @transaction IS NULL SELECT @context = NULL, @transaction = CONCAT(N'outside-', CURRENT_TRANSACTION_ID());
  DECLARE @audit_second bigint, @audit_lock nvarchar(60);
  WHILE @audit_lock IS NULL OR @audit_second <> DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME()) / 1000
  BEGIN
    SELECT @audit_second = DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME()) / 1000;
    SET @audit_lock = CONCAT(N'audit_trail_', DB_ID(), N'_', N'h', @audit_second / 3600);
    EXEC sp_getapplock @Resource = @audit_lock, @LockMode = N'Shared', @LockOwner = N'Transaction';
    SET @audit_lock = CONCAT(N'audit_trail_', DB_ID(), N'_', @audit_second);
    EXEC sp_getapplock @Resource = @audit_lock, @LockMode = N'Shared', @LockOwner = N'Transaction';
  END
  DECLARE @single int = CASE WHEN (SELECT COUNT(*) FROM inserted) = 1 AND (SELECT COUNT(*) FROM deleted) = 1 THEN 1 ELSE 0 END;
  INSERT INTO [dbo].[audit_entry] (transaction_id, entity, table_name, entity_id, operation, before_image, after_image, changed_fields, actor, correlation_id, context_id, schema_version, recorded_at, codec, moved_from, missing)
  OUTPUT inserted.id INTO [dbo].[audit_uncounted] (id)
  SELECT @transaction,
    N'Entity',
    N'loose',
    NULL,
    CASE WHEN NOT (d.[audit_trail_row] IS NOT NULL) THEN N'link' WHEN NOT (i.[audit_trail_row] IS NOT NULL) THEN N'unlink' ELSE N'update' END,
    CASE WHEN d.[audit_trail_row] IS NOT NULL THEN ISNULL((SELECT CONVERT(nvarchar(41), d.[a]) AS [0], CONVERT(nvarchar(max), d.[b]) AS [1] FOR JSON PATH, WITHOUT_ARRAY_WRAPPER), N'{}') END,
    CASE WHEN i.[audit_trail_row] IS NOT NULL THEN ISNULL((SELECT CONVERT(nvarchar(41), i.[a]) AS [0], CONVERT(nvarchar(max), i.[b]) AS [1] FOR JSON PATH, WITHOUT_ARRAY_WRAPPER), N'{}') END,
    N'[' + COALESCE(STUFF(f.names, 1, 1, N''), N'') + N']',
    @actor,
    @correlation,
    @context,
    7,
    DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME()),
    2,
    NULL,
    NULLIF(CASE WHEN COALESCE(@actor, N'') = N'' THEN 1 ELSE 0 END + CASE WHEN COALESCE(@reason, N'') = N'' THEN 2 ELSE 0 END, 0)
  FROM (SELECT s.*, CASE WHEN @single = 1 THEN 1 ELSE 2 END AS [audit_trail_row] FROM inserted s) i FULL JOIN (SELECT s.*, CASE WHEN @single = 1 THEN 1 ELSE 3 END AS [audit_trail_row] FROM deleted s) d ON d.[audit_trail_row] = i.[audit_trail_row]
  CROSS APPLY (SELECT CONCAT(CONVERT(nvarchar(max), N''), CASE WHEN d.[a] <> i.[a] OR (d.[a] IS NULL AND i.[a] IS NOT NULL) OR (d.[a] IS NOT NULL AND i.[a] IS NULL) THEN N',"a"' END,
    CASE WHEN DATALENGTH(d.[b]) <> DATALENGTH(i.[b]) OR CONVERT(varbinary(max), d.[b]) <> CONVERT(varbinary(max), i.[b]) OR (d.[b] IS NULL AND i.[b] IS NOT NULL) OR (d.[b] IS NOT NULL AND i.[b] IS NULL) THEN N',"b"' END, N'') AS names) f
  WHERE f.names <> N'' OR NOT (i.[audit_trail_row] IS NOT NULL) OR NOT (d.[audit_trail_row] IS NOT NULL);
END
GO
BEGIN TRY IF OBJECT_ID(N'sys.sp_settriggerorder') IS NOT NULL EXEC sp_executesql N'IF EXISTS (SELECT 1 FROM sys.trigger_events e JOIN sys.triggers g ON g.object_id = e.object_id WHERE g.parent_id = OBJECT_ID(N''[dbo].[loose]'') AND e.is_first = 1 AND e.type_desc = N''INSERT'') SELECT N''another one is, on INSERT'' AS doubt; ELSE EXEC sp_settriggerorder @triggername = N''[dbo].[audit_trail_loose]'', @order = N''First'', @stmttype = N''INSERT''; IF EXISTS (SELECT 1 FROM sys.trigger_events e JOIN sys.triggers g ON g.object_id = e.object_id WHERE g.parent_id = OBJECT_ID(N''[dbo].[loose]'') AND e.is_first = 1 AND e.type_desc = N''UPDATE'') SELECT N''another one is, on UPDATE'' AS doubt; ELSE EXEC sp_settriggerorder @triggername = N''[dbo].[audit_trail_loose]'', @order = N''First'', @stmttype = N''UPDATE''; IF EXISTS (SELECT 1 FROM sys.trigger_events e JOIN sys.triggers g ON g.object_id = e.object_id WHERE g.parent_id = OBJECT_ID(N''[dbo].[loose]'') AND e.is_first = 1 AND e.type_desc = N''DELETE'') SELECT N''another one is, on DELETE'' AS doubt; ELSE EXEC sp_settriggerorder @triggername = N''[dbo].[audit_trail_loose]'', @order = N''First'', @stmttype = N''DELETE'''; END TRY BEGIN CATCH SELECT ERROR_MESSAGE() AS doubt; END CATCH
GO
DELETE FROM [dbo].[audit_meta] WHERE name = N'trigger:loose';
        INSERT INTO [dbo].[audit_meta] (name, value) VALUES (N'trigger:loose', N'2PE1DFCIqVAHJtbqH9AiLIYa5GHg3I0WBuNAzePEqlw')
