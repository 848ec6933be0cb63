import type { Database, Statement } from 'better-sqlite3';

export interface RunStatement {
  sql: string;
  values: unknown[];
}

/** Notes every statement that a connection runs from now on, as long as it was not prepared before. */
export function logStatements(database: Database, log: RunStatement[]): void {
  const prepare = database.prepare.bind(database);
  database.prepare = ((sql: string) => {
    const statement = prepare(sql) as Statement;
    for (const method of ['all', 'get', 'run', 'iterate'] as const) {
      const run = (statement[method] as (...values: unknown[]) => unknown).bind(statement);
      Object.assign(statement, {
        [method]: (...values: unknown[]) => {
          log.push({ sql, values });
          return run(...values);
        },
      });
    }
    return statement;
  }) as Database['prepare'];
}
