import type { ServerSession } from '../dialect/server-dialect';
import { AuditError, AuditSchemaMissingError } from '../errors';
import { runReplayed } from './replayed';
import type { QueryAnswer, QueryArgument, QueryName, TrailQueries } from './trail-queries';

/** Asks the trail of a database on a server. @throws AuditSchemaMissingError where the audit tables are not there */
export async function askServer<Name extends QueryName>(
  queries: TrailQueries,
  { pool, storeSql }: ServerSession,
  name: Name,
  argument: QueryArgument<Name>,
): Promise<QueryAnswer<Name>> {
  const query = queries[name].bind(queries) as (engine: unknown, argument: unknown) => QueryAnswer<Name>;
  try {
    return await runReplayed((engine) => query(engine, argument), pool);
  } catch (error) {
    if (error instanceof AuditError) throw error;
    const [there] = await pool.query(storeSql.hasAuditTables);
    if (Object.values(there ?? {})[0]) throw error;
    throw new AuditSchemaMissingError('The audit tables are not there.', { cause: error });
  }
}
