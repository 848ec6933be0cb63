import type { BatchContext } from '../server-dialect';
import { contextKey } from './audit-tables';
import { quoteName, quoteText } from './quote';
import { patient } from './store-sql';

/** The most parameters that a batch can have: of 2,100, sp_executesql has two of its own. */
const mostParameters = 2098;

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

/** Longest texts of the parameters of a context, as its columns have them; others take any. */
export const contextLengths: Readonly<Record<string, number>> = {
  audit_trail_id: 36,
  audit_trail_transaction_id: 64,
  audit_trail_actor: 255,
  audit_trail_reason: 2000,
  audit_trail_correlation_id: 255,
  audit_trail_source: 255,
};

/** A batch, and the parameters that it has beside those of the application. */
export interface ContextBatch {
  sql: string;
  parameters: Record<string, string | null>;
}

/** RETURN, but for what is in a text, a name or a comment. */
const returning =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\]|--[^\n]*|\/\*[\s\S]*?\*\/|(?<![\w@#$])RETURN(?![\w@#$])/gi;
const end = 'audit_trail_end';

/** The statement with jumps to the end of the batch in place of leaving it, which would leave its transaction open. */
function stayingIn(sql: string): { own: string; label: string } {
  let leaves = false;
  const own = sql.replace(returning, (found) => {
    if (found.toUpperCase() !== 'RETURN') return found;
    leaves = true;
    return `GOTO ${end}`;
  });
  return { own, label: leaves ? `${end}: ` : '' };
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
    // Under SERIALIZABLE two such transactions would both lock the place where the other has to put its row: a deadlock.
    `IF NOT EXISTS (SELECT 1 FROM ${table} ${patient} WHERE id = ${place('id')}) INSERT INTO ${table} (server_transaction, ${columns.join(', ')}) VALUES (CURRENT_TRANSACTION_ID(), ${columns.map(place).join(', ')})`,
    `EXEC sp_set_session_context ${contextKey}, ${place('id')}`,
    'SET NOCOUNT OFF',
  ];
  const clear = ['SET NOCOUNT ON', `EXEC sp_set_session_context ${contextKey}, NULL`];
  if (alone) clear.push('IF @@TRANCOUNT > 0 COMMIT TRANSACTION');
  const parameters = areParameters
    ? Object.fromEntries(columns.map((name) => [`audit_trail_${name}`, values[name] ?? null]))
    : {};
  const { own, label } = stayingIn(sql);
  return { sql: `${set.join('; ')}; ${own}\n;${label}${clear.join('; ')};`, parameters };
}
