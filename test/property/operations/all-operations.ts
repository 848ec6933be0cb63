import { builderOperations } from './builder-operations';
import { entityOperations } from './entity-operations';
import type { Operation } from './operation';
import { rawOperations } from './raw-operations';
import { serverRawOperations } from './server-raw-operations';

const all = { ...entityOperations, ...builderOperations, ...rawOperations, ...serverRawOperations };

export type OperationName = keyof typeof all;

export const operations: Readonly<Record<OperationName, Operation>> = all;

/** For a file. */
export const operationNames = Object.keys({
  ...entityOperations,
  ...builderOperations,
  ...rawOperations,
}) as OperationName[];

/** TypeORM makes MERGE of them, which not every server that executes T-SQL has. */
const merges: readonly OperationName[] = ['upsert', 'upsert by key', 'upsert many', 'insert or ignore'];
/** Delete several rows whose children go with them, which not every server tells its triggers once. */
const cascades: readonly OperationName[] = ['delete by criteria', 'raw server DELETE of all'];
/** Locks the table, which a hint does not do everywhere. */
const locking: readonly OperationName[] = ['clear'];

/** For a server; `isOther`: it is not SQL Server. */
export function serverOperationNames(isOther: boolean): OperationName[] {
  const names = [
    ...Object.keys({ ...entityOperations, ...builderOperations, ...serverRawOperations }),
    'business event',
  ] as OperationName[];
  return names.filter((name) => !isOther || ![...merges, ...cascades, ...locking].includes(name));
}
