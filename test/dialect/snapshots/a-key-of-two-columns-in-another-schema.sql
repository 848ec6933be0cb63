DROP TRIGGER IF EXISTS [sales].[audit_trail_sales_it]]em]
GO
CREATE TRIGGER [sales].[audit_trail_sales_it]]em] ON [sales].[it]]em] AFTER INSERT, UPDATE, DELETE AS
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
  DECLARE @key0 NVARCHAR(50), @key1 INT;
  IF (SELECT COUNT(*) FROM inserted) = 1 AND (SELECT COUNT(*) FROM deleted) = 1 SELECT @key0 = [code], @key1 = [part] FROM inserted;
  INSERT INTO [dbo].[audit_entry] (transaction_id, entity, table_name, entity_id, operation, before_image, after_image, changed_fields, actor, correlation_id, context_id, schema_version, recorded_at, codec, moved_from)
  OUTPUT inserted.id INTO [dbo].[audit_uncounted] (id)
  SELECT @transaction,
    N'Entity',
    N'sales.it]em',
    CASE WHEN i.[code] IS NOT NULL THEN CONCAT(N'{"code":', N'"' + REPLACE(STRING_ESCAPE(CONVERT(nvarchar(max), i.[code]), 'json') COLLATE Latin1_General_BIN2, N'\/', N'/') + N'"', N',"part":', CONVERT(nvarchar(41), i.[part]), N'}') ELSE CONCAT(N'{"code":', N'"' + REPLACE(STRING_ESCAPE(CONVERT(nvarchar(max), d.[code]), 'json') COLLATE Latin1_General_BIN2, N'\/', N'/') + N'"', N',"part":', CONVERT(nvarchar(41), d.[part]), N'}') END,
    CASE WHEN NOT (d.[code] IS NOT NULL) THEN N'insert' WHEN NOT (i.[code] IS NOT NULL) THEN N'delete' ELSE N'update' END,
    CASE WHEN d.[code] IS NOT NULL THEN ISNULL((SELECT CONVERT(nvarchar(max), d.[code]) AS [0], CONVERT(nvarchar(41), d.[part]) AS [1], CONVERT(nvarchar(max), d.[o'clock]) AS [2] FOR JSON PATH, WITHOUT_ARRAY_WRAPPER), N'{}') END,
    CASE WHEN i.[code] IS NOT NULL THEN ISNULL((SELECT CONVERT(nvarchar(max), i.[code]) AS [0], CONVERT(nvarchar(41), i.[part]) AS [1], CONVERT(nvarchar(max), i.[o'clock]) AS [2] FOR JSON PATH, WITHOUT_ARRAY_WRAPPER), N'{}') END,
    N'[' + COALESCE(STUFF(f.names, 1, 1, N''), N'') + N']',
    @actor,
    @correlation,
    @context,
    7,
    DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME()),
    2,
    CASE WHEN i.[code] IS NOT NULL AND d.[code] IS NOT NULL AND CONVERT(varbinary(1120), CONVERT(nvarchar(560), CONCAT(N'{"code":', N'"' + REPLACE(STRING_ESCAPE(CONVERT(nvarchar(max), d.[code]), 'json') COLLATE Latin1_General_BIN2, N'\/', N'/') + N'"', N',"part":', CONVERT(nvarchar(41), d.[part]), N'}'))) <> CONVERT(varbinary(1120), CONVERT(nvarchar(560), CONCAT(N'{"code":', N'"' + REPLACE(STRING_ESCAPE(CONVERT(nvarchar(max), i.[code]), 'json') COLLATE Latin1_General_BIN2, N'\/', N'/') + N'"', N',"part":', CONVERT(nvarchar(41), i.[part]), N'}'))) THEN CONVERT(nvarchar(560), CONCAT(N'{"code":', N'"' + REPLACE(STRING_ESCAPE(CONVERT(nvarchar(max), d.[code]), 'json') COLLATE Latin1_General_BIN2, N'\/', N'/') + N'"', N',"part":', CONVERT(nvarchar(41), d.[part]), N'}')) END
  FROM inserted i FULL JOIN deleted d ON ISNULL(@key0, d.[code]) COLLATE Latin1_General_CI_AS = ISNULL(@key0, i.[code]) COLLATE Latin1_General_CI_AS AND ISNULL(@key1, d.[part]) = ISNULL(@key1, i.[part])
  CROSS APPLY (SELECT CONCAT(CONVERT(nvarchar(max), N''), CASE WHEN DATALENGTH(d.[code]) <> DATALENGTH(i.[code]) OR CONVERT(varbinary(max), d.[code]) <> CONVERT(varbinary(max), i.[code]) OR (d.[code] IS NULL AND i.[code] IS NOT NULL) OR (d.[code] IS NOT NULL AND i.[code] IS NULL) THEN N',"code"' END,
    CASE WHEN d.[part] <> i.[part] OR (d.[part] IS NULL AND i.[part] IS NOT NULL) OR (d.[part] IS NOT NULL AND i.[part] IS NULL) THEN N',"part"' END,
    CASE WHEN DATALENGTH(d.[o'clock]) <> DATALENGTH(i.[o'clock]) OR CONVERT(varbinary(max), d.[o'clock]) <> CONVERT(varbinary(max), i.[o'clock]) OR (d.[o'clock] IS NULL AND i.[o'clock] IS NOT NULL) OR (d.[o'clock] IS NOT NULL AND i.[o'clock] IS NULL) THEN N',"when.exactly"' END, N'') AS names) f
  WHERE f.names <> N'';
END
GO
BEGIN TRY IF OBJECT_ID(N'sys.sp_settriggerorder') IS NOT NULL EXEC sp_executesql N'IF EXISTS (SELECT 1 FROM sys.trigger_events e JOIN sys.triggers g ON g.object_id = e.object_id WHERE g.parent_id = OBJECT_ID(N''[sales].[it]]em]'') AND e.is_first = 1 AND e.type_desc = N''INSERT'') SELECT N''another one is, on INSERT'' AS doubt; ELSE EXEC sp_settriggerorder @triggername = N''[sales].[audit_trail_sales_it]]em]'', @order = N''First'', @stmttype = N''INSERT''; IF EXISTS (SELECT 1 FROM sys.trigger_events e JOIN sys.triggers g ON g.object_id = e.object_id WHERE g.parent_id = OBJECT_ID(N''[sales].[it]]em]'') AND e.is_first = 1 AND e.type_desc = N''UPDATE'') SELECT N''another one is, on UPDATE'' AS doubt; ELSE EXEC sp_settriggerorder @triggername = N''[sales].[audit_trail_sales_it]]em]'', @order = N''First'', @stmttype = N''UPDATE''; IF EXISTS (SELECT 1 FROM sys.trigger_events e JOIN sys.triggers g ON g.object_id = e.object_id WHERE g.parent_id = OBJECT_ID(N''[sales].[it]]em]'') AND e.is_first = 1 AND e.type_desc = N''DELETE'') SELECT N''another one is, on DELETE'' AS doubt; ELSE EXEC sp_settriggerorder @triggername = N''[sales].[audit_trail_sales_it]]em]'', @order = N''First'', @stmttype = N''DELETE'''; END TRY BEGIN CATCH SELECT ERROR_MESSAGE() AS doubt; END CATCH
GO
DELETE FROM [dbo].[audit_meta] WHERE name = N'trigger:sales.it]em';
        INSERT INTO [dbo].[audit_meta] (name, value) VALUES (N'trigger:sales.it]em', N'vIM7Z9CZAbOICBz2f4SsYJHuM5kT28SawIk4MVwIaxs')
