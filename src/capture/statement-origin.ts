/** Who made a statement: the ORM, from what the application asked of it, or the application, which wrote the SQL. */
export type StatementSource = 'orm' | 'sql';

export interface StatementOrigin {
  source: StatementSource;
}

export const fromOrm: StatementOrigin = { source: 'orm' };
export const fromSql: StatementOrigin = { source: 'sql' };
