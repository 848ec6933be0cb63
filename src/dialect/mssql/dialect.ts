import type { ServerDialect } from '../server-dialect';
import { bulkInsertOf, stagedInsertOf } from './bulk-load';
import { captureSql } from './capture-sql';
import { checkSql } from './check-sql';
import { columnKind } from './column-type';
import { noteHorizon } from './commit-horizon';
import { deliverySql } from './delivery-sql';
import {
  carryContext,
  connectionOf,
  defaultSchema,
  givingWay,
  poolOf,
  schemaOf,
  transactionOf,
  watchPool,
} from './driver';
import { isRefusal, passesSoon, saidOf, toTypedError } from './failures';
import { importSql } from './import-sql';
import { measures } from './planned-column';
import { makeTypesPortable } from './portable-types';
import { pathIn } from './quote';
import { revertSql } from './revert-sql';
import { rollUp } from './rollup-sql';
import { auditTableDestroyedBy, batchKind, isAllOrNothing, unrecordedBy } from './statement-kind';
import { patient, selectWarned, storeSql } from './store-sql';
import { tableSql } from './table-sql';

export const mssqlDialect: ServerDialect = {
  databaseType: 'sql_server_optimized',
  capabilities: { deferred: false, batchSize: 25, commitIntervalMs: 2000, idleTransactionTimeoutMs: 60_000 },
  defaultSchema,
  session(dataSource) {
    const schema = schemaOf(dataSource);
    const { options } = dataSource.options as { options?: { useUTC?: boolean } };
    const terms = { isUtc: options?.useUTC === true };
    const capture = captureSql(schema, terms);
    const pool = poolOf(dataSource);
    const watch = watchPool(dataSource);
    return {
      storeSql: storeSql(schema),
      importSql: importSql(schema),
      bulkInsert: bulkInsertOf(dataSource),
      tableSql: tableSql(schema, terms),
      stagedInsert: stagedInsertOf(dataSource),
      deliverySql: deliverySql(schema),
      patientSql: storeSql(schema, patient),
      captureSql: capture,
      checkSql: checkSql(schema, terms),
      givingWay,
      revertSql: revertSql(capture.listColumns, (table) => pathIn(schema, table), terms),
      rollUp: rollUp(schema),
      noteHorizon: noteHorizon(schema),
      selectWarned: selectWarned(schema),
      pool,
      poolFigures: () => watch.figures,
      poolLimits: watch.limits,
      within: (queryRunner) => connectionOf(dataSource, queryRunner),
      describe: async () => {
        const [row] = await pool.query(`SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')) AS version`);
        return `mssql (SQL Server ${String(row!['version'])})`;
      },
    };
  },
  carry: carryContext,
  makeTypesPortable,
  columnKind,
  measures,
  batchKind,
  isAllOrNothing,
  transactionOf,
  passesSoon,
  typedError: toTypedError,
  saidOf,
  isRefusal,
  unrecordedBy,
  auditTableDestroyedBy,
};
