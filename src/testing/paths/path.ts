import { isDeepStrictEqual } from 'node:util';
import type { DataSource, EntityManager, EntityMetadata, ObjectLiteral } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import type { HiddenColumns } from '../oracle/hidden-columns';
import type { Sampler } from '../sample/sampler';

/** What a write path works on: one entity of an open scratch database. */
export interface Stage {
  dataSource: DataSource;
  manager: EntityManager;
  metadata: EntityMetadata;
  sampler: Sampler;
  hidden: HiddenColumns;
}

/** One way to write rows of an entity. */
export interface WritePath {
  name: string;
  /** Why there is nothing to try for this entity, undefined where there is. */
  lacks?: string;
  /** `some` row must change, `none` may; `any` where the entity's own listeners decide. */
  expects: 'some' | 'none' | 'any';
  /** Makes the rows to start from, and gives what is to be judged. */
  prepare(stage: Stage): Promise<() => Promise<unknown>>;
  /** Which of the flows of this path did what, where it has several: actor by `insert`, `delete`. */
  actors?: Readonly<Record<'insert' | 'delete', string>>;
}

export function path(
  name: string,
  prepare: WritePath['prepare'],
  more: Partial<Pick<WritePath, 'lacks' | 'expects' | 'actors'>> = {},
): WritePath {
  return { name, expects: 'some', ...more, prepare };
}

/** The same path, or the reason why the entity has no use for it. */
export function lacking(reason: string | false | undefined): { lacks?: string } {
  return reason ? { lacks: reason } : {};
}

export function saved({ sampler, metadata }: Stage, count: number): Promise<ObjectLiteral[]> {
  return inTurn(count, () => sampler.saved(metadata));
}

export function unsaved({ sampler, metadata }: Stage, count: number): Promise<ObjectLiteral[]> {
  return inTurn(count, () => sampler.unsaved(metadata));
}

async function inTurn<T>(count: number, make: () => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  for (let n = 0; n < count; n += 1) made.push(await make());
  return made;
}

/** The key of a row as criteria. */
export function keyOf({ metadata }: Stage, row: ObjectLiteral): ObjectLiteral {
  return metadata.getEntityIdMap(row)!;
}

/** The row as the application would find it. */
export async function found(stage: Stage, row: ObjectLiteral, relations: string[] = []): Promise<ObjectLiteral> {
  const { manager, metadata } = stage;
  const options = { where: keyOf(stage, row), relations: Object.fromEntries(relations.map((name) => [name, true])) };
  return manager.findOneOrFail<ObjectLiteral>(metadata.target, options);
}

/** TypeORM's own setter merges the new row into the one that is there. */
export function relate(relation: RelationMetadata, row: ObjectLiteral, value: unknown): void {
  let holder = row;
  for (const name of relation.embeddedMetadata?.parentPropertyNames ?? []) holder = holder[name] as ObjectLiteral;
  holder[relation.isLazy ? `__${relation.propertyName}__` : relation.propertyName] = value;
}

/** A value of a column that the row does not hold. @throws Error where none is found */
export async function anotherValue(
  { sampler, metadata }: Stage,
  column: ColumnMetadata,
  row: ObjectLiteral,
): Promise<unknown> {
  const held: unknown = column.getEntityValue(row);
  // An enumeration of two comes round soon.
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const value = await sampler.another(metadata, column);
    if (value !== undefined && !isDeepStrictEqual(value, held)) return value;
  }
  throw new Error(`There is no other value of ${column.propertyPath}: let the sample depend on its serial.`);
}

/** The same as a partial entity. */
export async function another(stage: Stage, column: ColumnMetadata, row: ObjectLiteral): Promise<ObjectLiteral> {
  return column.createValueMap(await anotherValue(stage, column, row));
}
