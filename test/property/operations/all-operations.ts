import { builderOperations } from './builder-operations';
import { entityOperations } from './entity-operations';
import type { Operation } from './operation';
import { rawOperations } from './raw-operations';

const all = { ...entityOperations, ...builderOperations, ...rawOperations };

export type OperationName = keyof typeof all;

export const operations: Readonly<Record<OperationName, Operation>> = all;

export const operationNames = Object.keys(all) as OperationName[];
