import type { EntityMetadata } from 'typeorm';
import { found, keyOf, path, saved, type WritePath } from './path';

/** Setting and clearing the delete date. */
export function softDeletePaths({ target, deleteDateColumn }: EntityMetadata): WritePath[] {
  const lacks = deleteDateColumn ? {} : { lacks: 'no delete date' };
  return [
    path(
      'softDelete()',
      async (stage) => {
        const [row] = await saved(stage, 2);
        return () => stage.manager.softDelete(target, keyOf(stage, row!));
      },
      lacks,
    ),
    path(
      'restore()',
      async (stage) => {
        const [row] = await saved(stage, 2);
        await stage.manager.softDelete(target, keyOf(stage, row!));
        return () => stage.manager.restore(target, keyOf(stage, row!));
      },
      lacks,
    ),
    path(
      'softRemove()',
      async (stage) => {
        const [row] = await saved(stage, 1);
        const loaded = await found(stage, row!);
        return () => stage.manager.softRemove(target, loaded);
      },
      lacks,
    ),
    path(
      'recover()',
      async (stage) => {
        const [row] = await saved(stage, 1);
        const removed = await stage.manager.softRemove(target, await found(stage, row!));
        return () => stage.manager.recover(target, removed);
      },
      lacks,
    ),
  ];
}
