import type { StatementResult } from '../dialect/engine';
import type { StatementKind } from '../dialect/statement-kind';
import { TransactionHeldError, TransactionRequiredError } from '../errors';
import type { Holder } from './fifo-lock';
import type { TransactionScope } from './transaction-scope';

/** Kinds of statement that need a transaction with the guard around them. */
export const isGuarded: Partial<Record<StatementKind, true>> = { write: true, ddl: true, drop: true };
export const noRows: StatementResult = { rows: undefined, changes: 0, lastInsertId: 0 };
export const statementHolder: Holder = { label: 'a statement' };

/** A COMMIT or ROLLBACK through a query runner that does not hold the transaction. */
export function steeredByStranger(scope: TransactionScope, sql: string): TransactionHeldError {
  return new TransactionHeldError(
    `${sql.trim().slice(0, 40)} came through another query runner than the one that holds the transaction (${scope.holder.label}).`,
    { value: sql },
  );
}

/** It would open a transaction that takes no write lock. */
export function savepointAlone(sql: string): TransactionRequiredError {
  return new TransactionRequiredError('A SAVEPOINT outside a transaction would open one that takes no write lock.', {
    value: sql,
  });
}

/** What is said of a transaction that was ended because nothing ran in it; of its last statement only the kind. */
export function describeIdle(root: TransactionScope, idleMs: number, kindOf: (sql: string) => StatementKind): string {
  const { lastSql } = root.activity;
  const last = lastSql === undefined ? 'none' : `a ${kindOf(lastSql)}`;
  return `The ${root.holder.label} was rolled back: it held the connection and ran no statement for ${idleMs} ms (its last: ${last}).`;
}
