import type { EntityManager, QueryRunner } from 'typeorm';
import { auditContext } from '../capture/audit-context';
import type { ChangeSet } from '../capture/change-set';
import { runReplayed } from '../dialect/replayed';
import type { ServerConnection } from '../dialect/server-dialect';
import type { Moment, RevertReport } from '../reports';
import { planChange, readPresent, reportChange } from './plan-revert';
import type { RowKey } from './row-log';
import { momentCondition } from './row-state';
import type { RowTools } from './row-tools';

/** What a trail on a server lends to reverting; what its reader does not find has committed, or is this transaction's. */
export interface ServerRevertTools extends RowTools {
  manager: EntityManager;
  within(queryRunner: QueryRunner): ServerConnection;
}

/** A query runner of ours; see `context-query-runner.ts`. */
type AuditedRunner = QueryRunner & { readonly changeSet?: ChangeSet };

/**
 * Puts a row back to what it was at a moment, in one transaction, that of the manager where it has one.
 *
 * The row is locked before it is compared with the trail, also one that is not there. From then on nobody else changes
 * it, so that what the trail says last of it is what the table must hold; if it holds something else, nothing is done.
 */
export async function revertOnServer(tools: ServerRevertTools, key: RowKey, at: Moment): Promise<RevertReport> {
  const moment = momentCondition(at);
  const { manager } = tools;
  const runner: AuditedRunner | undefined = manager.queryRunner;
  const changeSet = runner?.changeSet;
  const context = changeSet ? changeSet.contextOf(auditContext.current()) : auditContext.current();
  return auditContext.run({ ...context, source: context?.source ?? 'revert' }, () =>
    manager.transaction(async ({ queryRunner }) => {
      const connection = tools.within(queryRunner!);
      await lockRow(tools, key, connection);
      const change = await runReplayed((engine) => planChange(tools, engine, key, moment), connection);
      const { operation, statement } = change;
      if (operation !== 'none') await connection.query(statement.sql, statement.parameters);
      return runReplayed((engine) => reportChange(tools, engine, change), connection);
    }),
  );
}

/** Which row it is, the trail says; whoever had it locked before may have given it another key. */
async function lockRow(tools: RowTools, key: RowKey, connection: ServerConnection): Promise<void> {
  let entry: number | undefined;
  for (;;) {
    const found = await runReplayed((engine) => readPresent(tools, engine, key), connection);
    if (found === entry) return;
    entry = found;
  }
}
