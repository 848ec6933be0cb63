/** Who made a statement: the ORM, from what the application asked of it, or the application, which wrote the SQL. */
export type StatementSource = 'orm' | 'sql';

export interface StatementOrigin {
  source: StatementSource;
  /** The table that the statement empties as a whole, as TypeORM names it. */
  clears?: string;
}

export const fromOrm: StatementOrigin = { source: 'orm' };
export const fromSql: StatementOrigin = { source: 'sql' };
