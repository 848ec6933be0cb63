DROP TRIGGER IF EXISTS [dbo].[audit_trail_every_type]
GO
CREATE TRIGGER [dbo].[audit_trail_every_type] ON [dbo].[every_type] AFTER INSERT, UPDATE, DELETE AS
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
  INSERT INTO [dbo].[audit_entry] (transaction_id, entity, table_name, entity_id, operation, before_image, after_image, changed_fields, actor, correlation_id, context_id, schema_version, recorded_at, codec, moved_from)
  OUTPUT inserted.id INTO [dbo].[audit_uncounted] (id)
  SELECT @transaction,
    N'Entity',
    N'every_type',
    CASE WHEN i.[id] IS NOT NULL THEN CONVERT(nvarchar(41), i.[id]) ELSE CONVERT(nvarchar(41), d.[id]) END,
    CASE WHEN NOT (d.[id] IS NOT NULL) THEN N'insert' WHEN NOT (i.[id] IS NOT NULL) THEN N'delete' ELSE N'update' END,
    CASE WHEN d.[id] IS NOT NULL THEN ISNULL((SELECT CONVERT(nvarchar(41), d.[id]) AS [0], CONVERT(nvarchar(41), d.[a tinyint]) AS [1], CONVERT(nvarchar(41), d.[a bigint]) AS [2], CONVERT(nvarchar(41), d.[a bit]) AS [3], CONVERT(nvarchar(41), d.[a decimal]) AS [4], CONVERT(nvarchar(41), CONVERT(decimal(19, 4), d.[a money])) AS [5], CONVERT(nvarchar(40), CONVERT(float, d.[a float]), 3) AS [6], CONVERT(nvarchar(40), CONVERT(float, d.[a real]), 3) AS [7], CONVERT(nvarchar(10), d.[a date], 23) AS [8], CONVERT(nvarchar(8), d.[a time], 108) + CASE WHEN DATEPART(nanosecond, d.[a time]) = 0 THEN N'' ELSE N'.' + LEFT(RIGHT(N'00000000' + CONVERT(nvarchar(9), DATEPART(nanosecond, d.[a time])), 9), CASE WHEN DATEPART(nanosecond, d.[a time]) % 1000000 = 0 THEN 3 ELSE 7 END) END AS [9], CONVERT(nvarchar(23), d.[a datetime], 121) AS [10], CONVERT(nvarchar(19), d.[a datetime2], 120) + N'.' + LEFT(RIGHT(N'00000000' + CONVERT(nvarchar(9), DATEPART(nanosecond, d.[a datetime2])), 9), CASE WHEN DATEPART(nanosecond, d.[a datetime2]) % 1000000 = 0 THEN 3 ELSE 7 END) AS [11], STUFF(CONVERT(nvarchar(19), d.[a datetimeoffset], 120) + N'.' + LEFT(RIGHT(N'00000000' + CONVERT(nvarchar(9), DATEPART(nanosecond, d.[a datetimeoffset])), 9), CASE WHEN DATEPART(nanosecond, d.[a datetimeoffset]) % 1000000 = 0 THEN 3 ELSE 7 END), 11, 1, N'T') + RIGHT(CONVERT(nvarchar(34), d.[a datetimeoffset], 121), 6) AS [12], LOWER(CONVERT(nvarchar(36), d.[a uniqueidentifier])) AS [13], CONVERT(nvarchar(max), d.[a varchar]) AS [14], CONVERT(nvarchar(max), d.[a nvarchar]) AS [15], CONVERT(varchar(max), CONVERT(varbinary(max), d.[a varbinary]), 2) AS [16], CONVERT(varchar(max), CONVERT(varbinary(max), d.[a timestamp]), 2) AS [17], CONVERT(nvarchar(max), d.[a xml]) AS [18], d.[a hierarchyid].ToString() AS [19], CONVERT(nvarchar(4000), d.[a sql_variant]) AS [20], CONVERT(nvarchar(max), d.[data]) AS [21] FOR JSON PATH, WITHOUT_ARRAY_WRAPPER), N'{}') END,
    CASE WHEN i.[id] IS NOT NULL THEN ISNULL((SELECT CONVERT(nvarchar(41), i.[id]) AS [0], CONVERT(nvarchar(41), i.[a tinyint]) AS [1], CONVERT(nvarchar(41), i.[a bigint]) AS [2], CONVERT(nvarchar(41), i.[a bit]) AS [3], CONVERT(nvarchar(41), i.[a decimal]) AS [4], CONVERT(nvarchar(41), CONVERT(decimal(19, 4), i.[a money])) AS [5], CONVERT(nvarchar(40), CONVERT(float, i.[a float]), 3) AS [6], CONVERT(nvarchar(40), CONVERT(float, i.[a real]), 3) AS [7], CONVERT(nvarchar(10), i.[a date], 23) AS [8], CONVERT(nvarchar(8), i.[a time], 108) + CASE WHEN DATEPART(nanosecond, i.[a time]) = 0 THEN N'' ELSE N'.' + LEFT(RIGHT(N'00000000' + CONVERT(nvarchar(9), DATEPART(nanosecond, i.[a time])), 9), CASE WHEN DATEPART(nanosecond, i.[a time]) % 1000000 = 0 THEN 3 ELSE 7 END) END AS [9], CONVERT(nvarchar(23), i.[a datetime], 121) AS [10], CONVERT(nvarchar(19), i.[a datetime2], 120) + N'.' + LEFT(RIGHT(N'00000000' + CONVERT(nvarchar(9), DATEPART(nanosecond, i.[a datetime2])), 9), CASE WHEN DATEPART(nanosecond, i.[a datetime2]) % 1000000 = 0 THEN 3 ELSE 7 END) AS [11], STUFF(CONVERT(nvarchar(19), i.[a datetimeoffset], 120) + N'.' + LEFT(RIGHT(N'00000000' + CONVERT(nvarchar(9), DATEPART(nanosecond, i.[a datetimeoffset])), 9), CASE WHEN DATEPART(nanosecond, i.[a datetimeoffset]) % 1000000 = 0 THEN 3 ELSE 7 END), 11, 1, N'T') + RIGHT(CONVERT(nvarchar(34), i.[a datetimeoffset], 121), 6) AS [12], LOWER(CONVERT(nvarchar(36), i.[a uniqueidentifier])) AS [13], CONVERT(nvarchar(max), i.[a varchar]) AS [14], CONVERT(nvarchar(max), i.[a nvarchar]) AS [15], CONVERT(varchar(max), CONVERT(varbinary(max), i.[a varbinary]), 2) AS [16], CONVERT(varchar(max), CONVERT(varbinary(max), i.[a timestamp]), 2) AS [17], CONVERT(nvarchar(max), i.[a xml]) AS [18], i.[a hierarchyid].ToString() AS [19], CONVERT(nvarchar(4000), i.[a sql_variant]) AS [20], CONVERT(nvarchar(max), i.[data]) AS [21] FOR JSON PATH, WITHOUT_ARRAY_WRAPPER), N'{}') END,
    N'[' + COALESCE(STUFF(CONCAT(CONVERT(nvarchar(max), N''), f.names,
    CASE WHEN DATALENGTH(d.[a timestamp]) <> DATALENGTH(i.[a timestamp]) OR CONVERT(varbinary(max), d.[a timestamp]) <> CONVERT(varbinary(max), i.[a timestamp]) OR (d.[a timestamp] IS NULL AND i.[a timestamp] IS NOT NULL) OR (d.[a timestamp] IS NOT NULL AND i.[a timestamp] IS NULL) THEN N',"a timestamp"' END, N''), 1, 1, N''), N'') + N']',
    @actor,
    @correlation,
    @context,
    7,
    DATEDIFF_BIG(millisecond, '1970-01-01', SYSUTCDATETIME()),
    2,
    CASE WHEN i.[id] IS NOT NULL AND d.[id] IS NOT NULL AND CONVERT(varbinary(1120), CONVERT(nvarchar(560), CONVERT(nvarchar(41), d.[id]))) <> CONVERT(varbinary(1120), CONVERT(nvarchar(560), CONVERT(nvarchar(41), i.[id]))) THEN CONVERT(nvarchar(560), CONVERT(nvarchar(41), d.[id])) END
  FROM inserted i FULL JOIN deleted d ON d.[id] = i.[id]
  CROSS APPLY (SELECT CONCAT(CONVERT(nvarchar(max), N''), CASE WHEN d.[id] <> i.[id] OR (d.[id] IS NULL AND i.[id] IS NOT NULL) OR (d.[id] IS NOT NULL AND i.[id] IS NULL) THEN N',"id"' END,
    CASE WHEN d.[a tinyint] <> i.[a tinyint] OR (d.[a tinyint] IS NULL AND i.[a tinyint] IS NOT NULL) OR (d.[a tinyint] IS NOT NULL AND i.[a tinyint] IS NULL) THEN N',"a tinyint"' END,
    CASE WHEN d.[a bigint] <> i.[a bigint] OR (d.[a bigint] IS NULL AND i.[a bigint] IS NOT NULL) OR (d.[a bigint] IS NOT NULL AND i.[a bigint] IS NULL) THEN N',"a bigint"' END,
    CASE WHEN d.[a bit] <> i.[a bit] OR (d.[a bit] IS NULL AND i.[a bit] IS NOT NULL) OR (d.[a bit] IS NOT NULL AND i.[a bit] IS NULL) THEN N',"a bit"' END,
    CASE WHEN d.[a decimal] <> i.[a decimal] OR (d.[a decimal] IS NULL AND i.[a decimal] IS NOT NULL) OR (d.[a decimal] IS NOT NULL AND i.[a decimal] IS NULL) THEN N',"a decimal"' END,
    CASE WHEN d.[a money] <> i.[a money] OR (d.[a money] IS NULL AND i.[a money] IS NOT NULL) OR (d.[a money] IS NOT NULL AND i.[a money] IS NULL) THEN N',"a money"' END,
    CASE WHEN CONVERT(binary(8), d.[a float]) <> CONVERT(binary(8), i.[a float]) OR (d.[a float] IS NULL AND i.[a float] IS NOT NULL) OR (d.[a float] IS NOT NULL AND i.[a float] IS NULL) THEN N',"a float"' END,
    CASE WHEN CONVERT(binary(4), d.[a real]) <> CONVERT(binary(4), i.[a real]) OR (d.[a real] IS NULL AND i.[a real] IS NOT NULL) OR (d.[a real] IS NOT NULL AND i.[a real] IS NULL) THEN N',"a real"' END,
    CASE WHEN d.[a date] <> i.[a date] OR (d.[a date] IS NULL AND i.[a date] IS NOT NULL) OR (d.[a date] IS NOT NULL AND i.[a date] IS NULL) THEN N',"a date"' END,
    CASE WHEN d.[a time] <> i.[a time] OR (d.[a time] IS NULL AND i.[a time] IS NOT NULL) OR (d.[a time] IS NOT NULL AND i.[a time] IS NULL) THEN N',"a time"' END,
    CASE WHEN d.[a datetime] <> i.[a datetime] OR (d.[a datetime] IS NULL AND i.[a datetime] IS NOT NULL) OR (d.[a datetime] IS NOT NULL AND i.[a datetime] IS NULL) THEN N',"a datetime"' END,
    CASE WHEN d.[a datetime2] <> i.[a datetime2] OR (d.[a datetime2] IS NULL AND i.[a datetime2] IS NOT NULL) OR (d.[a datetime2] IS NOT NULL AND i.[a datetime2] IS NULL) THEN N',"a datetime2"' END,
    CASE WHEN CONVERT(nvarchar(34), d.[a datetimeoffset], 121) <> CONVERT(nvarchar(34), i.[a datetimeoffset], 121) OR (d.[a datetimeoffset] IS NULL AND i.[a datetimeoffset] IS NOT NULL) OR (d.[a datetimeoffset] IS NOT NULL AND i.[a datetimeoffset] IS NULL) THEN N',"a datetimeoffset"' END,
    CASE WHEN d.[a uniqueidentifier] <> i.[a uniqueidentifier] OR (d.[a uniqueidentifier] IS NULL AND i.[a uniqueidentifier] IS NOT NULL) OR (d.[a uniqueidentifier] IS NOT NULL AND i.[a uniqueidentifier] IS NULL) THEN N',"a uniqueidentifier"' END,
    CASE WHEN DATALENGTH(d.[a varchar]) <> DATALENGTH(i.[a varchar]) OR CONVERT(varbinary(max), d.[a varchar]) <> CONVERT(varbinary(max), i.[a varchar]) OR (d.[a varchar] IS NULL AND i.[a varchar] IS NOT NULL) OR (d.[a varchar] IS NOT NULL AND i.[a varchar] IS NULL) THEN N',"a varchar"' END,
    CASE WHEN DATALENGTH(d.[a nvarchar]) <> DATALENGTH(i.[a nvarchar]) OR CONVERT(varbinary(max), d.[a nvarchar]) <> CONVERT(varbinary(max), i.[a nvarchar]) OR (d.[a nvarchar] IS NULL AND i.[a nvarchar] IS NOT NULL) OR (d.[a nvarchar] IS NOT NULL AND i.[a nvarchar] IS NULL) THEN N',"a nvarchar"' END,
    CASE WHEN DATALENGTH(d.[a varbinary]) <> DATALENGTH(i.[a varbinary]) OR CONVERT(varbinary(max), d.[a varbinary]) <> CONVERT(varbinary(max), i.[a varbinary]) OR (d.[a varbinary] IS NULL AND i.[a varbinary] IS NOT NULL) OR (d.[a varbinary] IS NOT NULL AND i.[a varbinary] IS NULL) THEN N',"a varbinary"' END,
    CASE WHEN DATALENGTH(CONVERT(nvarchar(max), d.[a xml])) <> DATALENGTH(CONVERT(nvarchar(max), i.[a xml])) OR CONVERT(varbinary(max), CONVERT(nvarchar(max), d.[a xml])) <> CONVERT(varbinary(max), CONVERT(nvarchar(max), i.[a xml])) OR (d.[a xml] IS NULL AND i.[a xml] IS NOT NULL) OR (d.[a xml] IS NOT NULL AND i.[a xml] IS NULL) THEN N',"a xml"' END,
    CASE WHEN d.[a hierarchyid] <> i.[a hierarchyid] OR (d.[a hierarchyid] IS NULL AND i.[a hierarchyid] IS NOT NULL) OR (d.[a hierarchyid] IS NOT NULL AND i.[a hierarchyid] IS NULL) THEN N',"a hierarchyid"' END,
    CASE WHEN SQL_VARIANT_PROPERTY(d.[a sql_variant], 'BaseType') <> SQL_VARIANT_PROPERTY(i.[a sql_variant], 'BaseType') OR DATALENGTH(CONVERT(varbinary(8000), d.[a sql_variant])) <> DATALENGTH(CONVERT(varbinary(8000), i.[a sql_variant])) OR CONVERT(varbinary(max), CONVERT(varbinary(8000), d.[a sql_variant])) <> CONVERT(varbinary(max), CONVERT(varbinary(8000), i.[a sql_variant])) OR (d.[a sql_variant] IS NULL AND i.[a sql_variant] IS NOT NULL) OR (d.[a sql_variant] IS NOT NULL AND i.[a sql_variant] IS NULL) THEN N',"a sql_variant"' END,
    CASE WHEN DATALENGTH(d.[data]) <> DATALENGTH(i.[data]) OR CONVERT(varbinary(max), d.[data]) <> CONVERT(varbinary(max), i.[data]) OR (d.[data] IS NULL AND i.[data] IS NOT NULL) OR (d.[data] IS NOT NULL AND i.[data] IS NULL) THEN N',"data"' END, N'') AS names) f
  WHERE f.names <> N'';
END
GO
BEGIN TRY IF OBJECT_ID(N'sys.sp_settriggerorder') IS NOT NULL EXEC sp_executesql N'IF EXISTS (SELECT 1 FROM sys.trigger_events e JOIN sys.triggers g ON g.object_id = e.object_id WHERE g.parent_id = OBJECT_ID(N''[dbo].[every_type]'') AND e.is_first = 1 AND e.type_desc = N''INSERT'') SELECT N''another one is, on INSERT'' AS doubt; ELSE EXEC sp_settriggerorder @triggername = N''[dbo].[audit_trail_every_type]'', @order = N''First'', @stmttype = N''INSERT''; IF EXISTS (SELECT 1 FROM sys.trigger_events e JOIN sys.triggers g ON g.object_id = e.object_id WHERE g.parent_id = OBJECT_ID(N''[dbo].[every_type]'') AND e.is_first = 1 AND e.type_desc = N''UPDATE'') SELECT N''another one is, on UPDATE'' AS doubt; ELSE EXEC sp_settriggerorder @triggername = N''[dbo].[audit_trail_every_type]'', @order = N''First'', @stmttype = N''UPDATE''; IF EXISTS (SELECT 1 FROM sys.trigger_events e JOIN sys.triggers g ON g.object_id = e.object_id WHERE g.parent_id = OBJECT_ID(N''[dbo].[every_type]'') AND e.is_first = 1 AND e.type_desc = N''DELETE'') SELECT N''another one is, on DELETE'' AS doubt; ELSE EXEC sp_settriggerorder @triggername = N''[dbo].[audit_trail_every_type]'', @order = N''First'', @stmttype = N''DELETE'''; END TRY BEGIN CATCH SELECT ERROR_MESSAGE() AS doubt; END CATCH
GO
DELETE FROM [dbo].[audit_meta] WHERE name = N'trigger:every_type';
        INSERT INTO [dbo].[audit_meta] (name, value) VALUES (N'trigger:every_type', N'WYvhkfeg033ZHl_ADxV7RbAJ_DpMfndgUabudnrYXbI')
