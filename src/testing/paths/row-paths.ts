import type { EntityMetadata, ObjectLiteral } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { type HiddenColumns, hiddenOf } from '../oracle/hidden-columns';
import { changeable, conflictPaths, isNumeric, isUnique, inTheOpen } from './columns';
import type { Given } from '../sample/sampler';
import { another, anotherValue, found, keyOf, lacking, path, saved, unsaved, type Stage, type WritePath } from './path';

/** Inserts, updates and deletes of whole rows, through save, repository and query builder. */
export function rowPaths(metadata: EntityMetadata, hidden: HiddenColumns, given: Given): WritePath[] {
  const all = changeable(metadata, given);
  const open = inTheOpen(metadata, all, hidden);
  const shared = open.find((column) => !isUnique(metadata, column));
  const one = shared ?? open[0];
  return [
    ...inserts(metadata),
    ...saves(metadata, one, all),
    ...hiddenUpdates(metadata, all, hidden),
    ...updates(metadata, one, shared, open),
    ...deletes(metadata),
  ];
}

const noColumn = 'no column that may change';

function inserts(metadata: EntityMetadata): WritePath[] {
  const { target } = metadata;
  const conflicts = conflictPaths(metadata);
  const noKey = lacking(!conflicts && 'no unique key of given values');
  return [
    path('save: insert', async (stage) => {
      const [row] = await unsaved(stage, 1);
      return () => stage.manager.save(target, row!);
    }),
    path('save: insert of three', async (stage) => {
      const rows = await unsaved(stage, 3);
      return () => stage.manager.save(target, rows);
    }),
    path('insert()', async (stage) => {
      const [row] = await unsaved(stage, 1);
      return () => stage.manager.insert(target, row!);
    }),
    path('insert() of three', async (stage) => {
      const rows = await unsaved(stage, 3);
      return () => stage.manager.insert(target, rows);
    }),
    path('query builder: insert', async (stage) => {
      const [row] = await unsaved(stage, 1);
      return () => stage.manager.createQueryBuilder().insert().into(target).values(row!).execute();
    }),
    path(
      'upsert of a new row',
      async (stage) => {
        const [row] = await unsaved(stage, 1);
        return () => stage.manager.upsert(target, row!, conflicts!);
      },
      noKey,
    ),
    path(
      'upsert of a row that is there',
      async (stage) => {
        const [row] = await saved(stage, 1);
        const [next] = await unsaved(stage, 1);
        for (const column of metadata.columns) {
          if (conflicts!.includes(column.propertyPath)) column.setEntityValue(next!, column.getEntityValue(row!));
        }
        return () => stage.manager.upsert(target, next!, conflicts!);
      },
      // Where the key is all there is, there is nothing to update.
      { ...noKey, expects: 'any' },
    ),
  ];
}

function saves(metadata: EntityMetadata, one: ColumnMetadata | undefined, all: readonly ColumnMetadata[]): WritePath[] {
  const { target } = metadata;
  const nullable = all.filter((column) => column.isNullable);
  return [
    path(
      'save: update of a loaded row',
      async (stage) => {
        const [row] = await saved(stage, 1);
        const loaded = await found(stage, row!);
        stage.manager.merge(target, loaded, await another(stage, one!, row!));
        return () => stage.manager.save(target, loaded);
      },
      lacking(!one && noColumn),
    ),
    path(
      'save: update by key and property',
      async (stage) => {
        const [row] = await saved(stage, 1);
        const part = { ...keyOf(stage, row!), ...(await another(stage, one!, row!)) };
        return () => stage.manager.save(target, part);
      },
      lacking(!one && noColumn),
    ),
    path(
      'save: update of every column',
      async (stage) => {
        const [row] = await saved(stage, 1);
        const next = await found(stage, row!);
        for (const column of all) column.setEntityValue(next, await anotherValue(stage, column, row!));
        return () => stage.manager.save(target, next);
      },
      lacking(all.length === 0 && noColumn),
    ),
    path(
      'save: every column that may be null set to null',
      async (stage) => {
        const [row] = await saved(stage, 1);
        const next = await found(stage, row!);
        for (const column of nullable) column.setEntityValue(next, null);
        return () => stage.manager.save(target, next);
      },
      { ...lacking(nullable.length === 0 && 'no column that may be null'), expects: 'any' },
    ),
    path(
      'save: a loaded row as it is',
      async (stage) => {
        const [row] = await saved(stage, 1);
        const loaded = await found(stage, row!);
        return () => stage.manager.save(target, loaded);
      },
      { expects: 'any' },
    ),
  ];
}

/** A path for each column that the trail must not hold. */
function hiddenUpdates(metadata: EntityMetadata, all: readonly ColumnMetadata[], hidden: HiddenColumns): WritePath[] {
  const { left, redacted } = hiddenOf(hidden, metadata.tablePath);
  return all.flatMap((column) => {
    const name = column.databaseName.toLowerCase();
    const mark = redacted.has(name) ? '@Redacted' : left.has(name) ? '@NotAudited' : undefined;
    if (!mark) return [];
    return path(
      `update() of ${column.propertyPath}, ${mark}`,
      async (stage) => {
        const [row] = await saved(stage, 1);
        const values = await another(stage, column, row!);
        return () => stage.manager.update(metadata.target, keyOf(stage, row!), values);
      },
      { expects: mark === '@Redacted' ? 'some' : 'any' },
    );
  });
}

function updates(
  metadata: EntityMetadata,
  one: ColumnMetadata | undefined,
  shared: ColumnMetadata | undefined,
  open: readonly ColumnMetadata[],
): WritePath[] {
  const { target } = metadata;
  const number = open.find((column) => isNumeric(column) && !isUnique(metadata, column));
  const byNumber = lacking(!number && 'no numeric column that may change');
  const keysOf = (stage: Stage, rows: ObjectLiteral[]) => rows.map((row) => keyOf(stage, row));
  return [
    path(
      'update() of one row',
      async (stage) => {
        const [row] = await saved(stage, 2);
        const values = await another(stage, one!, row!);
        return () => stage.manager.update(target, keyOf(stage, row!), values);
      },
      lacking(!one && noColumn),
    ),
    path(
      'update() of two rows',
      async (stage) => {
        const rows = await saved(stage, 3);
        const values = await another(stage, shared!, rows[1]!);
        return () => stage.manager.update(target, keysOf(stage, rows.slice(1)), values);
      },
      lacking(!shared && 'no column that may change and is not unique'),
    ),
    path(
      'query builder: update',
      async (stage) => {
        const [row] = await saved(stage, 2);
        const values = await another(stage, one!, row!);
        const builder = stage.manager.createQueryBuilder().update(target).set(values);
        return () => builder.where(keyOf(stage, row!)).execute();
      },
      lacking(!one && noColumn),
    ),
    ...(['increment', 'decrement'] as const).map((name) =>
      path(
        `${name}()`,
        async (stage) => {
          const [row] = await saved(stage, 2);
          const value = await another(stage, number!, row!);
          await stage.manager.update(target, keyOf(stage, row!), value);
          return () => stage.manager[name](target, keyOf(stage, row!), number!.propertyPath, 3);
        },
        byNumber,
      ),
    ),
  ];
}

function deletes({ target }: EntityMetadata): WritePath[] {
  return [
    path('remove()', async (stage) => {
      const [row] = await saved(stage, 1);
      const loaded = await found(stage, row!);
      return () => stage.manager.remove(target, loaded);
    }),
    path('remove() of two', async (stage) => {
      const rows = await saved(stage, 2);
      const loaded = [await found(stage, rows[0]!), await found(stage, rows[1]!)];
      return () => stage.manager.remove(target, loaded);
    }),
    path('delete() of one row', async (stage) => {
      const [row] = await saved(stage, 2);
      return () => stage.manager.delete(target, keyOf(stage, row!));
    }),
    path('delete() of two rows', async (stage) => {
      const rows = await saved(stage, 3);
      const keys = rows.slice(1).map((row) => keyOf(stage, row));
      return () => stage.manager.delete(target, keys);
    }),
    path('query builder: delete', async (stage) => {
      const [row] = await saved(stage, 2);
      return () => stage.manager.createQueryBuilder().delete().from(target).where(keyOf(stage, row!)).execute();
    }),
    path('clear()', async (stage) => {
      await saved(stage, 2);
      return () => stage.manager.clear(target);
    }),
  ];
}
