import type { WritePath } from '../write-path';
import { queryBuilderPaths } from './query-builder';
import { rawPaths } from './raw-and-cascades';
import { repositoryPaths } from './repository-writes';
import { savePaths } from './save';
import { shapePaths } from './shapes-and-keys';
import { transactionPaths } from './transactions';
import { treePaths } from './trees';

/** The 97 ways in which TypeORM writes, as measured before this library was made. */
export const allPaths: readonly WritePath[] = [
  ...savePaths,
  ...repositoryPaths,
  ...queryBuilderPaths,
  ...rawPaths,
  ...treePaths,
  ...shapePaths,
  ...transactionPaths,
];
