import type { EntityMetadata, ObjectLiteral } from 'typeorm';
import { found, path, relate, saved, type Stage, type WritePath } from './path';

/** Trees keep tables, paths or numbers beside the parent: a move writes more than one row. */
export function treePaths(metadata: EntityMetadata): WritePath[] {
  const relation = metadata.treeParentRelation;
  if (!relation) return [];
  const { target } = metadata;
  const below = async (stage: Stage, parent: ObjectLiteral): Promise<ObjectLiteral> => {
    const child = await stage.sampler.unsaved(metadata);
    relate(relation, child, parent);
    return child;
  };
  return [
    path('tree: child added', async (stage) => {
      const [root] = await saved(stage, 1);
      const child = await below(stage, root!);
      return () => stage.manager.save(target, child);
    }),
    path('tree: moved to another parent', async (stage) => {
      const [one, two] = await saved(stage, 2);
      const child = await stage.manager.save(target, await below(stage, one!));
      const loaded = await found(stage, child, [relation.propertyPath]);
      relate(relation, loaded, two);
      return () => stage.manager.save(target, loaded);
    }),
    path('tree: leaf removed', async (stage) => {
      const [root] = await saved(stage, 1);
      const child = await stage.manager.save(target, await below(stage, root!));
      const loaded = await found(stage, child);
      return () => stage.manager.remove(target, loaded);
    }),
  ];
}
