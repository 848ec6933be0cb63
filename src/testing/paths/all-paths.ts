import type { EntityMetadata } from 'typeorm';
import type { HiddenColumns } from '../oracle/hidden-columns';
import type { Given } from '../sample/sampler';
import { flowPaths } from './flow-paths';
import type { WritePath } from './path';
import { relationPaths } from './relation-paths';
import { rowPaths } from './row-paths';
import { softDeletePaths } from './soft-delete-paths';
import { treePaths } from './tree-paths';

/** Every way to write that TypeORM has for an entity, those that it lacks something for included. */
export function pathsOf(metadata: EntityMetadata, hidden: HiddenColumns, given: Given): WritePath[] {
  return [
    ...rowPaths(metadata, hidden, given),
    ...softDeletePaths(metadata),
    ...relationPaths(metadata),
    ...treePaths(metadata),
    ...flowPaths(metadata, hidden, given),
  ];
}
