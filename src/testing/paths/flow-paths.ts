import type { EntityMetadata, ObjectLiteral } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { auditContext } from '../../index';
import type { HiddenColumns } from '../oracle/hidden-columns';
import { changeable, isUnique, inTheOpen } from './columns';
import type { Given } from '../sample/sampler';
import { anotherValue, found, lacking, path, saved, unsaved, type Stage, type WritePath } from './path';

/** Raw SQL, transactions that are undone, and flows side by side. */
export function flowPaths(metadata: EntityMetadata, hidden: HiddenColumns, given: Given): WritePath[] {
  const { target } = metadata;
  const open = inTheOpen(metadata, changeable(metadata, given), hidden);
  const one = open.find((column) => !isUnique(metadata, column)) ?? open[0];
  return [
    path(
      'raw SQL: UPDATE',
      async (stage) => {
        const [row] = await saved(stage, 2);
        const value = await anotherValue(stage, one!, row!);
        const sql = new RawSql(stage);
        const text = `UPDATE ${sql.table} SET ${sql.equals(one!, value)} WHERE ${sql.isRow(row!)}`;
        return () => stage.dataSource.query(text, sql.parameters);
      },
      lacking(!one && 'no column that may change'),
    ),
    path('raw SQL: DELETE', async (stage) => {
      const [row] = await saved(stage, 2);
      const sql = new RawSql(stage);
      const text = `DELETE FROM ${sql.table} WHERE ${sql.isRow(row!)}`;
      return () => stage.dataSource.query(text, sql.parameters);
    }),
    path(
      'transaction: rolled back',
      async (stage) => {
        const [row] = await unsaved(stage, 1);
        return () => undone(() => stage.dataSource.transaction((inside) => failAfter(inside.save(target, row!))));
      },
      { expects: 'none' },
    ),
    path('transaction: an inner one rolled back', async (stage) => {
      const [kept, lost] = await unsaved(stage, 2);
      return () =>
        stage.dataSource.transaction(async (outer) => {
          await outer.save(target, kept!);
          await undone(() => outer.transaction((inner) => failAfter(inner.save(target, lost!))));
        });
    }),
    path(
      'two flows at once, each with its actor',
      async (stage) => {
        const [old] = await saved(stage, 1);
        const loaded = await found(stage, old!);
        const [fresh] = await unsaved(stage, 1);
        const insert = (): Promise<unknown> =>
          stage.dataSource.transaction(async (inside) => inside.save(target, fresh!));
        return () =>
          Promise.all([
            auditContext.run({ actor: actors.insert }, insert),
            auditContext.run({ actor: actors.delete }, () => stage.manager.remove(target, loaded)),
          ]);
      },
      { actors },
    ),
  ];
}

const actors = { insert: 'conformance: who inserts', delete: 'conformance: who deletes' } as const;

class Undo extends Error {}

async function failAfter(work: Promise<unknown>): Promise<never> {
  await work;
  throw new Undo();
}

async function undone(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  }
}

/** Parts of a statement, in the words of the driver. */
class RawSql {
  readonly parameters: unknown[] = [];
  readonly table: string;

  constructor(private readonly stage: Stage) {
    const { driver } = stage.dataSource;
    this.table = stage.metadata.tablePath
      .split('.')
      .map((part) => driver.escape(part))
      .join('.');
  }

  equals(column: ColumnMetadata, value: unknown): string {
    const { driver } = this.stage.dataSource;
    this.parameters.push(driver.preparePersistentValue(value, column));
    const parameter = driver.createParameter(`p${this.parameters.length}`, this.parameters.length - 1);
    return `${driver.escape(column.databaseName)} = ${parameter}`;
  }

  isRow(row: ObjectLiteral): string {
    return this.stage.metadata.primaryColumns
      .map((column) => this.equals(column, column.getEntityValue(row)))
      .join(' AND ');
  }
}
