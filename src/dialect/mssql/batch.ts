import type { BatchContext } from '../server-dialect';
import { contextKey } from './audit-tables';
import { quoteName, quoteText } from './quote';

/** The most parameters that a batch can have. */
const mostParameters = 2100;

/** The values of a context by the columns of `audit_context`. */
function contextValues({ id, transactionId, context, source }: BatchContext): Record<string, string | null> {
  return {
    id,
    transaction_id: transactionId,
    actor: context?.actor ?? null,
    reason: context?.reason ?? null,
    correlation_id: context?.correlationId ?? null,
    source: context?.source ?? source ?? null,
    metadata: context?.metadata ? JSON.stringify(context.metadata) : null,
  };
}

/** A batch, and the parameters that it has beside those of the application. */
export interface ContextBatch {
  sql: string;
  parameters: Record<string, string | null>;
}

/**
 * A statement of the application in one batch with its context: the row of `audit_context`, and its id where triggers
 * find it. A statement on its own is made a transaction with them. All of it stands on the first line, so that errors name
 * the lines of the application, and none of it counts rows or gives any.
 * @param ownParameters number of parameters of the statement
 */
export function batchWithContext(
  sql: string,
  schema: string,
  context: BatchContext,
  ownParameters: number,
): ContextBatch {
  const table = `${quoteName(schema)}.[audit_context]`;
  const values = contextValues(context);
  const columns = Object.keys(values);
  // Text in the batch, where no parameter is left for it, has a plan of its own made of it.
  const areParameters = ownParameters + columns.length <= mostParameters;
  const place = (name: string) => {
    const value = values[name] ?? null;
    return areParameters ? `@audit_trail_${name}` : value === null ? 'NULL' : quoteText(value);
  };
  const alone = !context.isInTransaction;
  const set = [
    'SET NOCOUNT ON',
    // The server ends with it what this batch has begun, whatever the error. It holds for this batch alone.
    ...(alone ? ['SET XACT_ABORT ON', 'BEGIN TRANSACTION'] : []),
    `IF NOT EXISTS (SELECT 1 FROM ${table} WHERE id = ${place('id')}) INSERT INTO ${table} (server_transaction, ${columns.join(', ')}) VALUES (CURRENT_TRANSACTION_ID(), ${columns.map(place).join(', ')})`,
    `EXEC sp_set_session_context ${contextKey}, ${place('id')}`,
    'SET NOCOUNT OFF',
  ];
  const clear = ['SET NOCOUNT ON', `EXEC sp_set_session_context ${contextKey}, NULL`];
  if (alone) clear.push('IF @@TRANCOUNT > 0 COMMIT TRANSACTION');
  const parameters = areParameters
    ? Object.fromEntries(columns.map((name) => [`audit_trail_${name}`, values[name] ?? null]))
    : {};
  return { sql: `${set.join('; ')}; ${sql}\n;${clear.join('; ')};`, parameters };
}
