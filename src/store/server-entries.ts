import type { ServerConnection } from '../dialect/server-dialect';
import type { OwnTransaction, ServerCheckSql } from '../dialect/server-check-sql';
import type { NewEntry } from './entry-writer';
import { toContextRecord } from './pending-context';

/** What the entries of one transaction have in common. @param context as JSON text, null without one */
export function ownTransaction(transactionId: string, context: string | null): OwnTransaction {
  const record = context === null ? undefined : toContextRecord(context);
  return {
    transactionId,
    // Its only context has the id of the transaction, as that of a statement on its own.
    contextId: record ? transactionId : null,
    actor: record?.actor ?? null,
    reason: record?.reason ?? null,
    correlationId: record?.correlationId ?? null,
    source: record?.source ?? null,
    metadata: record?.metadata ?? null,
  };
}

/** Writes entries of one transaction and one context, where triggers write the others. The roll-ups find them. */
export async function writeOwnEntries(
  connection: ServerConnection,
  sql: ServerCheckSql,
  entries: readonly NewEntry[],
): Promise<void> {
  const [first] = entries;
  if (!first) return;
  const listed = entries.map(({ entity, table, entityId, operation, before, after, fields, schemaVersion }) => ({
    entity,
    table,
    id: entityId,
    operation,
    before: before && JSON.stringify(before),
    after: after && JSON.stringify(after),
    fields: JSON.stringify(fields),
    map: schemaVersion,
  }));
  const own = ownTransaction(first.transactionId, first.context);
  const context = sql.writeContext(own);
  await connection.query(context.sql, context.parameters);
  for (let start = 0; start < listed.length; start += sql.mostEntries) {
    const entriesOfOne = sql.writeEntries(listed.slice(start, start + sql.mostEntries), own);
    await connection.query(entriesOfOne.sql, entriesOfOne.parameters);
  }
}
