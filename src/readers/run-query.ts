import type { Engine } from '../dialect/engine';
import { AuditError, AuditSchemaMissingError } from '../errors';
import type { QueryAnswer, QueryArgument, QueryName, TrailQueries } from './trail-queries';

/** @throws AuditSchemaMissingError where the query failed for want of the audit tables */
export function runQuery<Name extends QueryName>(
  queries: TrailQueries,
  engine: Engine,
  name: Name,
  argument: QueryArgument<Name>,
): QueryAnswer<Name> {
  const query = queries[name].bind(queries) as (engine: Engine, argument: unknown) => QueryAnswer<Name>;
  try {
    return query(engine, argument);
  } catch (error) {
    // Looked at only now, because asking each time would cost each answer a query.
    if (error instanceof AuditError || queries.areTablesThere(engine)) throw error;
    throw new AuditSchemaMissingError('The audit tables are not there.', { cause: error });
  }
}
