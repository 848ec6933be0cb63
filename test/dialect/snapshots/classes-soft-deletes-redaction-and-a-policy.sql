DROP TRIGGER IF EXISTS [dbo].[audit_trail_animal]
GO
CREATE TRIGGER [dbo].[audit_trail_animal] ON [dbo].[animal] AFTER INSERT, UPDATE, DELETE AS
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
  IF COALESCE(@actor, N'') = N'' THROW 51000, N'audit trail: no actor for Entity', 1;
  IF COALESCE(@reason, N'') = N'' THROW 51000, N'audit trail: no reason for Entity', 1;
  DECLARE @audit_second bigint, @audit_lock nvarchar(60);
  WHILE @audit_lock IS NULL OR @audit_second <> DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME()) / 1000
  BEGIN
    SELECT @audit_second = DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME()) / 1000;
    SET @audit_lock = CONCAT(N'audit_trail_', DB_ID(), N'_', N'h', @audit_second / 3600);
    EXEC sp_getapplock @Resource = @audit_lock, @LockMode = N'Shared', @LockOwner = N'Transaction';
    SET @audit_lock = CONCAT(N'audit_trail_', DB_ID(), N'_', @audit_second);
    EXEC sp_getapplock @Resource = @audit_lock, @LockMode = N'Shared', @LockOwner = N'Transaction';
  END
  DECLARE @key0 UNIQUEIDENTIFIER;
  IF (SELECT COUNT(*) FROM inserted) = 1 AND (SELECT COUNT(*) FROM deleted) = 1 SELECT @key0 = [id] FROM inserted;
  INSERT INTO [dbo].[audit_entry] (transaction_id, entity, table_name, entity_id, operation, before_image, after_image, changed_fields, actor, correlation_id, context_id, schema_version, recorded_at, codec, moved_from)
  OUTPUT inserted.id INTO [dbo].[audit_uncounted] (id)
  SELECT @transaction,
    CASE CONVERT(nvarchar(max), CASE WHEN i.[id] IS NOT NULL THEN i.[kind] ELSE d.[kind] END) COLLATE Latin1_General_BIN2 WHEN N'dog' THEN N'Dog' WHEN N'c''at' THEN N'Cat' ELSE N'Entity' END,
    N'animal',
    CASE WHEN i.[id] IS NOT NULL THEN LOWER(CONVERT(nvarchar(36), i.[id])) ELSE LOWER(CONVERT(nvarchar(36), d.[id])) END,
    CASE WHEN NOT (d.[id] IS NOT NULL) THEN N'insert' WHEN NOT (i.[id] IS NOT NULL) THEN N'delete' WHEN d.[deletedAt] IS NULL AND i.[deletedAt] IS NOT NULL THEN N'soft_delete'
      WHEN d.[deletedAt] IS NOT NULL AND i.[deletedAt] IS NULL THEN N'restore' ELSE N'update' END,
    CASE WHEN d.[id] IS NOT NULL THEN ISNULL((SELECT LOWER(CONVERT(nvarchar(36), d.[id])) AS [0], CONVERT(nvarchar(max), d.[kind]) AS [1], CONVERT(nvarchar(19), d.[deletedAt], 120) + N'.' + LEFT(RIGHT(N'00000000' + CONVERT(nvarchar(9), DATEPART(nanosecond, d.[deletedAt])), 9), CASE WHEN DATEPART(nanosecond, d.[deletedAt]) % 1000000 = 0 THEN 3 ELSE 7 END) AS [3] FOR JSON PATH, WITHOUT_ARRAY_WRAPPER), N'{}') END,
    CASE WHEN i.[id] IS NOT NULL THEN ISNULL((SELECT LOWER(CONVERT(nvarchar(36), i.[id])) AS [0], CONVERT(nvarchar(max), i.[kind]) AS [1], CASE WHEN d.[id] IS NOT NULL AND (DATALENGTH(d.[secret]) <> DATALENGTH(i.[secret]) OR CONVERT(varbinary(max), d.[secret]) <> CONVERT(varbinary(max), i.[secret]) OR (d.[secret] IS NULL AND i.[secret] IS NOT NULL) OR (d.[secret] IS NOT NULL AND i.[secret] IS NULL)) THEN N'1' END AS [2], CONVERT(nvarchar(19), i.[deletedAt], 120) + N'.' + LEFT(RIGHT(N'00000000' + CONVERT(nvarchar(9), DATEPART(nanosecond, i.[deletedAt])), 9), CASE WHEN DATEPART(nanosecond, i.[deletedAt]) % 1000000 = 0 THEN 3 ELSE 7 END) AS [3] FOR JSON PATH, WITHOUT_ARRAY_WRAPPER), N'{}') END,
    N'[' + COALESCE(STUFF(f.names, 1, 1, N''), N'') + N']',
    @actor,
    @correlation,
    @context,
    7,
    DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME()),
    2,
    CASE WHEN i.[id] IS NOT NULL AND d.[id] IS NOT NULL AND CONVERT(varbinary(1120), CONVERT(nvarchar(560), LOWER(CONVERT(nvarchar(36), d.[id])))) <> CONVERT(varbinary(1120), CONVERT(nvarchar(560), LOWER(CONVERT(nvarchar(36), i.[id])))) THEN CONVERT(nvarchar(560), LOWER(CONVERT(nvarchar(36), d.[id]))) END
  FROM inserted i FULL JOIN deleted d ON ISNULL(@key0, d.[id]) = ISNULL(@key0, i.[id])
  CROSS APPLY (SELECT CONCAT(CONVERT(nvarchar(max), N''), CASE WHEN d.[id] <> i.[id] OR (d.[id] IS NULL AND i.[id] IS NOT NULL) OR (d.[id] IS NOT NULL AND i.[id] IS NULL) THEN N',"id"' END,
    CASE WHEN DATALENGTH(d.[kind]) <> DATALENGTH(i.[kind]) OR CONVERT(varbinary(max), d.[kind]) <> CONVERT(varbinary(max), i.[kind]) OR (d.[kind] IS NULL AND i.[kind] IS NOT NULL) OR (d.[kind] IS NOT NULL AND i.[kind] IS NULL) THEN N',"kind"' END,
    CASE WHEN DATALENGTH(d.[secret]) <> DATALENGTH(i.[secret]) OR CONVERT(varbinary(max), d.[secret]) <> CONVERT(varbinary(max), i.[secret]) OR (d.[secret] IS NULL AND i.[secret] IS NOT NULL) OR (d.[secret] IS NOT NULL AND i.[secret] IS NULL) OR NOT (i.[id] IS NOT NULL) OR NOT (d.[id] IS NOT NULL) THEN N',"secret"' END,
    CASE WHEN d.[deletedAt] <> i.[deletedAt] OR (d.[deletedAt] IS NULL AND i.[deletedAt] IS NOT NULL) OR (d.[deletedAt] IS NOT NULL AND i.[deletedAt] IS NULL) THEN N',"deletedAt"' END, N'') AS names) f
  WHERE f.names <> N'';
END
GO
BEGIN TRY IF OBJECT_ID(N'sys.sp_settriggerorder') IS NOT NULL EXEC sp_executesql N'IF EXISTS (SELECT 1 FROM sys.trigger_events e JOIN sys.triggers g ON g.object_id = e.object_id WHERE g.parent_id = OBJECT_ID(N''[dbo].[animal]'') AND e.is_first = 1 AND e.type_desc = N''INSERT'') SELECT N''another one is, on INSERT'' AS doubt; ELSE EXEC sp_settriggerorder @triggername = N''[dbo].[audit_trail_animal]'', @order = N''First'', @stmttype = N''INSERT''; IF EXISTS (SELECT 1 FROM sys.trigger_events e JOIN sys.triggers g ON g.object_id = e.object_id WHERE g.parent_id = OBJECT_ID(N''[dbo].[animal]'') AND e.is_first = 1 AND e.type_desc = N''UPDATE'') SELECT N''another one is, on UPDATE'' AS doubt; ELSE EXEC sp_settriggerorder @triggername = N''[dbo].[audit_trail_animal]'', @order = N''First'', @stmttype = N''UPDATE''; IF EXISTS (SELECT 1 FROM sys.trigger_events e JOIN sys.triggers g ON g.object_id = e.object_id WHERE g.parent_id = OBJECT_ID(N''[dbo].[animal]'') AND e.is_first = 1 AND e.type_desc = N''DELETE'') SELECT N''another one is, on DELETE'' AS doubt; ELSE EXEC sp_settriggerorder @triggername = N''[dbo].[audit_trail_animal]'', @order = N''First'', @stmttype = N''DELETE'''; END TRY BEGIN CATCH SELECT ERROR_MESSAGE() AS doubt; END CATCH
GO
DELETE FROM [dbo].[audit_meta] WHERE name = N'trigger:animal';
        INSERT INTO [dbo].[audit_meta] (name, value) VALUES (N'trigger:animal', N'pgIpfbx06hEN_yHTp5OhBAyntkoEdni-RNXRwrvcgTk')
