DROP TRIGGER IF EXISTS [dbo].[audit_trail_ticket]
GO
CREATE TRIGGER [dbo].[audit_trail_ticket] ON [dbo].[ticket] AFTER INSERT, UPDATE, DELETE AS
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
  DECLARE @key0 NVARCHAR(20);
  IF NOT EXISTS (SELECT 1 FROM inserted GROUP BY [id] HAVING COUNT(*) > 1) SELECT @key0 = [code] FROM inserted;
  INSERT INTO [dbo].[audit_entry] (transaction_id, entity, table_name, entity_id, operation, before_image, after_image, changed_fields, actor, correlation_id, context_id, schema_version, recorded_at, codec, moved_from)
  OUTPUT inserted.id INTO [dbo].[audit_uncounted] (id)
  SELECT @transaction,
    N'Entity',
    N'ticket',
    CASE WHEN i.[id] IS NOT NULL THEN CONVERT(nvarchar(max), i.[code]) ELSE CONVERT(nvarchar(max), d.[code]) END,
    CASE WHEN NOT (d.[id] IS NOT NULL) THEN N'insert' WHEN NOT (i.[id] IS NOT NULL) THEN N'delete' ELSE N'update' END,
    CASE WHEN d.[id] IS NOT NULL THEN ISNULL((SELECT CONVERT(nvarchar(max), d.[code]) AS [0], CONVERT(nvarchar(41), d.[id]) AS [1] FOR JSON PATH, WITHOUT_ARRAY_WRAPPER), N'{}') END,
    CASE WHEN i.[id] IS NOT NULL THEN ISNULL((SELECT CONVERT(nvarchar(max), i.[code]) AS [0], CONVERT(nvarchar(41), i.[id]) AS [1] FOR JSON PATH, WITHOUT_ARRAY_WRAPPER), N'{}') END,
    N'[' + COALESCE(STUFF(f.names, 1, 1, N''), N'') + N']',
    @actor,
    @correlation,
    @context,
    7,
    DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME()),
    2,
    CASE WHEN i.[id] IS NOT NULL AND d.[id] IS NOT NULL AND CONVERT(varbinary(1120), CONVERT(nvarchar(560), CONVERT(nvarchar(max), d.[code]))) <> CONVERT(varbinary(1120), CONVERT(nvarchar(560), CONVERT(nvarchar(max), i.[code]))) THEN CONVERT(nvarchar(560), CONVERT(nvarchar(max), d.[code])) END
  FROM inserted i FULL JOIN deleted d ON d.[id] = i.[id] AND ISNULL(@key0, d.[code]) COLLATE Latin1_General_CI_AS = ISNULL(@key0, i.[code]) COLLATE Latin1_General_CI_AS
  CROSS APPLY (SELECT CONCAT(CONVERT(nvarchar(max), N''), CASE WHEN DATALENGTH(d.[code]) <> DATALENGTH(i.[code]) OR CONVERT(varbinary(max), d.[code]) <> CONVERT(varbinary(max), i.[code]) OR (d.[code] IS NULL AND i.[code] IS NOT NULL) OR (d.[code] IS NOT NULL AND i.[code] IS NULL) THEN N',"code"' END,
    CASE WHEN d.[id] <> i.[id] OR (d.[id] IS NULL AND i.[id] IS NOT NULL) OR (d.[id] IS NOT NULL AND i.[id] IS NULL) THEN N',"id"' END, N'') AS names) f
  WHERE f.names <> N'';
END
GO
BEGIN TRY IF OBJECT_ID(N'sys.sp_settriggerorder') IS NOT NULL EXEC sp_executesql N'IF EXISTS (SELECT 1 FROM sys.trigger_events e JOIN sys.triggers g ON g.object_id = e.object_id WHERE g.parent_id = OBJECT_ID(N''[dbo].[ticket]'') AND e.is_first = 1 AND e.type_desc = N''INSERT'') SELECT N''another one is, on INSERT'' AS doubt; ELSE EXEC sp_settriggerorder @triggername = N''[dbo].[audit_trail_ticket]'', @order = N''First'', @stmttype = N''INSERT''; IF EXISTS (SELECT 1 FROM sys.trigger_events e JOIN sys.triggers g ON g.object_id = e.object_id WHERE g.parent_id = OBJECT_ID(N''[dbo].[ticket]'') AND e.is_first = 1 AND e.type_desc = N''UPDATE'') SELECT N''another one is, on UPDATE'' AS doubt; ELSE EXEC sp_settriggerorder @triggername = N''[dbo].[audit_trail_ticket]'', @order = N''First'', @stmttype = N''UPDATE''; IF EXISTS (SELECT 1 FROM sys.trigger_events e JOIN sys.triggers g ON g.object_id = e.object_id WHERE g.parent_id = OBJECT_ID(N''[dbo].[ticket]'') AND e.is_first = 1 AND e.type_desc = N''DELETE'') SELECT N''another one is, on DELETE'' AS doubt; ELSE EXEC sp_settriggerorder @triggername = N''[dbo].[audit_trail_ticket]'', @order = N''First'', @stmttype = N''DELETE'''; END TRY BEGIN CATCH SELECT ERROR_MESSAGE() AS doubt; END CATCH
GO
DELETE FROM [dbo].[audit_meta] WHERE name = N'trigger:ticket';
        INSERT INTO [dbo].[audit_meta] (name, value) VALUES (N'trigger:ticket', N'IWAH6qjhIvhrQ_C_6xfUiy37BqKckHIoGJoqW-ejXmY')
