import type { OwnTransaction } from '../server-check-sql';
import { holdHorizon } from './commit-horizon';
import { quoteName } from './quote';

/** Entries that carry an image of a row; the others may name a row and say nothing of what it holds. */
export const hasImage = `operation NOT IN (N'event', N'truncate', N'prune', N'schema')`;

/** Declares what entries take from their transaction, and writes its context, where it has one. */
export function writeContext(schema: string, condition = ''): string {
  const names = ['actor', 'reason', 'correlation_id', 'source', 'metadata'];
  return `${holdHorizon};
    DECLARE @transaction nvarchar(64) = ?, @context nvarchar(36) = ?, @actor nvarchar(255) = ?, @reason nvarchar(2000) = ?,
      @correlation nvarchar(255) = ?, @source nvarchar(255) = ?, @metadata nvarchar(max) = ?;
    ${condition} INSERT INTO ${quoteName(schema)}.[audit_context] (id, transaction_id, server_transaction, ${names.join(', ')})
      SELECT @context, @transaction, CURRENT_TRANSACTION_ID(), @actor, @reason, @correlation, @source, @metadata WHERE @context IS NOT NULL;`;
}

export function contextParameters(own: OwnTransaction): unknown[] {
  return [own.transactionId, own.contextId, own.actor, own.reason, own.correlationId, own.source, own.metadata];
}
