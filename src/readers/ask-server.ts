import { runReplayed } from '../dialect/replayed';
import type { ServerSession } from '../dialect/server-dialect';
import { AuditError, AuditSchemaMissingError } from '../errors';
import { MetaStore } from '../store/meta-store';
import type { QueryAnswer, QueryArgument, QueryName, TrailQueries } from './trail-queries';

/** Asks the trail of a database on a server. @throws AuditSchemaMissingError where the audit tables are not there */
export function askServer<Name extends QueryName>(
  queries: TrailQueries,
  session: ServerSession,
  name: Name,
  argument: QueryArgument<Name>,
): Promise<QueryAnswer<Name>> {
  const query = queries[name].bind(queries) as (engine: unknown, argument: unknown) => QueryAnswer<Name>;
  return whereTablesAre(
    session,
    runReplayed((engine) => query(engine, argument), session.pool),
  );
}

/** An answer of the database, or what is wrong where it failed for want of the audit tables. */
export async function whereTablesAre<T>({ pool, storeSql }: ServerSession, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof AuditError) throw error;
    if (await runReplayed((engine) => new MetaStore(storeSql).areTablesThere(engine), pool)) throw error;
    throw new AuditSchemaMissingError('The audit tables are not there.', { cause: error });
  }
}
