import type { DataSource } from 'typeorm';
import { isApplicationTable, quote, type ServerTable, selectTables, toTables } from '../../src/testing/mssql/table-sql';
import { parseCounts, type ChangeCounts } from '../../src/testing/oracle/true-changes';

/**
 * Counts row changes by triggers of the suite: another test of equality (a difference of sets, texts by their bytes) than
 * the library's, and without pairing a row before with one after. Exact where no row becomes what another one was.
 */
export async function installTruthLog(dataSource: DataSource): Promise<void> {
  const tables = toTables(await dataSource.query(selectTables)).filter(isApplicationTable);
  await dataSource.query('CREATE TABLE truth_log (number int IDENTITY PRIMARY KEY, change nvarchar(300), times int)');
  for (const [index, table] of tables.entries()) {
    for (const [kind, event] of Object.entries({ I: 'INSERT', U: 'UPDATE', D: 'DELETE' })) {
      const schema = table.path.split('.')[0]!;
      await dataSource.query(`CREATE TRIGGER ${schema}.truth_${index}_${kind} ON ${table.path} AFTER ${event} AS
        BEGIN
          SET NOCOUNT ON;
          INSERT INTO dbo.truth_log (change, times) SELECT N'${table.name.replaceAll("'", "''")}.${kind}', COUNT(*) FROM (${rowsOf(table, kind)}) changed
        END`);
    }
  }
}

function rowsOf({ columns }: ServerTable, kind: string): string {
  if (kind !== 'U') return `SELECT 1 AS one FROM ${kind === 'I' ? 'inserted' : 'deleted'}`;
  // A new rowversion is no change; xml can't be compared as it is.
  const compared = columns.filter(({ type }) => type !== 'timestamp');
  const values = compared.map(({ name, type }) => {
    const c = quote(name);
    return `${/char|xml/.test(type) ? `CONVERT(varbinary(max), ${c})` : c} AS ${c}`;
  });
  return `SELECT ${values.join(', ')} FROM inserted EXCEPT SELECT ${values.join(', ')} FROM deleted`;
}

/** Takes what was logged since the last call. */
export async function readTruthLog(dataSource: DataSource): Promise<ChangeCounts> {
  const rows = await dataSource.query<{ change: string; times: number }[]>(
    'SELECT change, SUM(times) AS times FROM truth_log WHERE times > 0 GROUP BY change; DELETE FROM truth_log',
  );
  return new Map(rows.map(({ change, times }) => [[...parseCounts(change).keys()][0]!, times]));
}
