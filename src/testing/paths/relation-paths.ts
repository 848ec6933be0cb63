import type { EntityMetadata, ObjectLiteral } from 'typeorm';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { found, keyOf, lacking, path, relate, saved, type Stage, type WritePath } from './path';

/** What is done to the relations of an entity, and by them. */
export function relationPaths({ relations }: EntityMetadata): WritePath[] {
  return relations
    .filter(({ isTreeParent, isTreeChildren }) => !isTreeParent && !isTreeChildren)
    .flatMap((relation) => {
      if (relation.isManyToMany) return manyToMany(relation);
      if (relation.isOneToMany) return oneToMany(relation);
      return relation.isManyToOne || relation.isOneToOneOwner ? [...reference(relation), ...onDelete(relation)] : [];
    });
}

const other = ({ sampler }: Stage, { inverseEntityMetadata }: RelationMetadata): Promise<ObjectLiteral> =>
  sampler.saved(inverseEntityMetadata);

/** Keys alone: of a whole row, TypeORM takes every property for part of the key. */
function of({ manager, metadata }: Stage, { propertyPath }: RelationMetadata, row: ObjectLiteral) {
  const builder = manager.createQueryBuilder().relation(metadata.target, propertyPath);
  return builder.of(metadata.getEntityIdMap(row));
}

function id({ inverseEntityMetadata }: RelationMetadata, row: ObjectLiteral): ObjectLiteral {
  return inverseEntityMetadata.getEntityIdMap(row)!;
}

function manyToMany(relation: RelationMetadata): WritePath[] {
  const { propertyPath: name, entityMetadata } = relation;
  const withRelated = async (stage: Stage, count: number): Promise<[ObjectLiteral, ObjectLiteral[]]> => {
    const [row] = await saved(stage, 1);
    const related: ObjectLiteral[] = [];
    for (let n = 0; n < count; n += 1) related.push(await other(stage, relation));
    return [row!, related];
  };
  return [
    path(`${name}: linked and unlinked by save`, async (stage) => {
      const [row, [one, two]] = await withRelated(stage, 2);
      await of(stage, relation, row).add(id(relation, one!));
      const loaded = await found(stage, row, [name]);
      relate(relation, loaded, [two]);
      return () => stage.manager.save(entityMetadata.target, loaded);
    }),
    path(`${name}: linked by the relation query builder`, async (stage) => {
      const [row, related] = await withRelated(stage, 2);
      return () => of(stage, relation, row).add(related.map((one) => id(relation, one)));
    }),
    path(`${name}: unlinked by the relation query builder`, async (stage) => {
      const [row, related] = await withRelated(stage, 2);
      await of(stage, relation, row).add(related.map((one) => id(relation, one)));
      return () => of(stage, relation, row).remove(id(relation, related[0]!));
    }),
    path(`${name}: unlinked by the removal of the row`, async (stage) => {
      const [row, related] = await withRelated(stage, 2);
      await of(stage, relation, row).add(related.map((one) => id(relation, one)));
      return () => stage.manager.delete(entityMetadata.target, keyOf(stage, row));
    }),
  ];
}

function oneToMany(relation: RelationMetadata): WritePath[] {
  const { propertyPath: name, inverseRelation } = relation;
  const isFixed = inverseRelation?.isPrimary || inverseRelation?.joinColumns.some(({ isPrimary }) => isPrimary);
  if (isFixed) return [];
  const paths = [
    path(`${name}: added by the relation query builder`, async (stage) => {
      const [row] = await saved(stage, 1);
      const child = await other(stage, relation);
      return () => of(stage, relation, row!).add(id(relation, child));
    }),
  ];
  if (!inverseRelation?.isNullable) return paths;
  return [
    ...paths,
    path(`${name}: removed by the relation query builder`, async (stage) => {
      const [row] = await saved(stage, 1);
      const child = await other(stage, relation);
      await of(stage, relation, row!).add(id(relation, child));
      return () => of(stage, relation, row!).remove(id(relation, child));
    }),
  ];
}

function reference(relation: RelationMetadata): WritePath[] {
  const { propertyPath: name, entityMetadata } = relation;
  if (relation.isPrimary || relation.joinColumns.some(({ isPrimary, isUpdate }) => isPrimary || !isUpdate)) return [];
  const values = relation.isNullable ? [`another`, `nothing`] : [`another`];
  return values.flatMap((value) => [
    path(`${name}: set to ${value} by save`, async (stage) => {
      const loaded = await linked(stage, relation);
      const next = value === 'another' ? await other(stage, relation) : null;
      refer(relation, loaded, next);
      return () => stage.manager.save(entityMetadata.target, loaded);
    }),
    path(
      `${name}: set to ${value} by the relation query builder`,
      async (stage) => {
        const loaded = await linked(stage, relation);
        const next = value === 'another' ? await other(stage, relation) : null;
        return () => of(stage, relation, loaded).set(next && id(relation, next));
      },
      lacking(
        value === 'nothing' &&
          relation.joinColumns.length > 1 &&
          'that query builder takes no null for a key of several columns',
      ),
    ),
  ]);
}

/** A row whose relation leads to another, even where a cycle made the sampler leave it empty. */
async function linked(stage: Stage, relation: RelationMetadata): Promise<ObjectLiteral> {
  const [row] = await saved(stage, 1);
  const loaded = await found(stage, row!, [relation.propertyPath]);
  if (relation.getEntityValue(loaded)) return loaded;
  refer(relation, loaded, await other(stage, relation));
  await stage.manager.save(stage.metadata.target, loaded);
  return found(stage, row!, [relation.propertyPath]);
}

/** The foreign key may be a property too, and then both have to say the same. */
function refer(relation: RelationMetadata, row: ObjectLiteral, next: ObjectLiteral | null): void {
  relate(relation, row, next);
  for (const column of relation.joinColumns) {
    if (!column.isVirtual)
      column.setEntityValue(row, next && (column.referencedColumn!.getEntityValue(next) as unknown));
  }
}

/** What the foreign key does by itself when the row goes that is referred to. */
function onDelete(relation: RelationMetadata): WritePath[] {
  const { propertyPath: name, inverseEntityMetadata, onDelete: action } = relation;
  if (action !== 'CASCADE' && action !== 'SET NULL') return [];
  return [
    path(`${name}: its row deleted (ON DELETE ${action})`, async (stage) => {
      const loaded = await linked(stage, relation);
      const parent = relation.getEntityValue(loaded) as ObjectLiteral;
      return () => stage.manager.delete(inverseEntityMetadata.target, inverseEntityMetadata.getEntityIdMap(parent)!);
    }),
  ];
}
