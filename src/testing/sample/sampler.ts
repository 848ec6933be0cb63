import { isDeepStrictEqual } from 'node:util';
import type { DataSource, EntityManager, EntityMetadata, EntityTarget, ObjectLiteral } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import type { RelationMetadata } from 'typeorm/metadata/RelationMetadata.js';
import { type HiddenColumns, hiddenOf } from '../oracle/hidden-columns';
import { columnValue } from './column-values';
import { concerns, refused, SampleError } from './sample-error';

/** What a sample of the user's gets to work with. */
export interface SampleContext {
  /** Another number for each row: put it into whatever is unique. */
  serial: number;
  /** A row of another entity, saved, to refer to. */
  saved<Entity extends ObjectLiteral>(entity: EntityTarget<Entity>): Promise<Entity>;
}

/** The properties of a row that can't be generated, or shall be as they are in life; the others are generated. */
export type Sample = (context: SampleContext) => object | Promise<object>;

/** Properties that a sample gives: the same in each row, or another value in each. */
export interface Given {
  readonly fixed: Set<string>;
  readonly varying: Set<string>;
}

/** Rows of this attempt by entity: what refers twice to an entity refers to one row, unless it may not. */
type Parents = Map<EntityMetadata, ObjectLiteral>;

/** Makes rows from the metadata: parents first, cycles through columns that may be empty. */
export class Sampler {
  constructor(
    private readonly dataSource: DataSource,
    private readonly samples: Readonly<Record<string, Sample>>,
    private readonly hidden: HiddenColumns,
    private serial: number,
    private readonly manager: EntityManager = dataSource.manager,
  ) {}

  /** The same, through the manager of a transaction. */
  through(manager: EntityManager): Sampler {
    return new Sampler(this.dataSource, this.samples, this.hidden, this.serial, manager);
  }

  /** A row that is not saved yet; what it refers to is. */
  async unsaved(metadata: EntityMetadata): Promise<ObjectLiteral> {
    return this.make(metadata, [], new Map());
  }

  /** A saved row. @throws SampleError */
  async saved(metadata: EntityMetadata): Promise<ObjectLiteral> {
    return this.save(metadata, [], new Map());
  }

  /** The value of a column in a further row; undefined where there is none. */
  async another(metadata: EntityMetadata, column: ColumnMetadata): Promise<unknown> {
    const serial = (this.serial += 1);
    const given = await this.given(metadata, serial, [metadata]);
    return column.getEntityValue(given) ?? this.valueOf(metadata, column, serial);
  }

  /** What the user's sample gives of its own. */
  async givenOf(metadata: EntityMetadata): Promise<Given> {
    const one = await this.given(metadata, (this.serial += 1), [metadata]);
    const two = await this.given(metadata, (this.serial += 1), [metadata]);
    const given: Given = { fixed: new Set(), varying: new Set() };
    for (const column of metadata.columns) {
      const [was, is] = [column.getEntityValue(one) as unknown, column.getEntityValue(two) as unknown];
      if (was === undefined) continue;
      (isDeepStrictEqual(was, is) ? given.fixed : given.varying).add(column.propertyPath);
    }
    return given;
  }

  private valueOf(metadata: EntityMetadata, column: ColumnMetadata, serial: number): unknown {
    const { redacted } = hiddenOf(this.hidden, metadata.tablePath);
    return columnValue(column, serial, redacted.has(column.databaseName.toLowerCase()));
  }

  private async save(
    metadata: EntityMetadata,
    path: readonly EntityMetadata[],
    parents: Parents,
  ): Promise<ObjectLiteral> {
    const row = await this.make(metadata, path, parents);
    try {
      return await this.manager.save(metadata.target, row);
    } catch (error) {
      throw refused(metadata, error);
    }
  }

  private async make(
    metadata: EntityMetadata,
    path: readonly EntityMetadata[],
    parents: Parents,
  ): Promise<ObjectLiteral> {
    const serial = (this.serial += 1);
    const row = metadata.create() as ObjectLiteral;
    const given = await this.given(metadata, serial, [...path, metadata]);
    for (const column of metadata.columns) {
      const value = column.getEntityValue(given) as unknown;
      if (value !== undefined && !isReference(column)) column.setEntityValue(row, value);
      else if (isOpen(metadata, column)) this.fill(metadata, column, serial, row);
    }
    for (const relation of metadata.relations) {
      const value = relation.getEntityValue(given) as unknown;
      if (value !== undefined) relation.setEntityValue(row, value);
      else if (ownsReference(relation) && !relation.joinColumns.some((column) => isSet(column, given)))
        await this.refer(metadata, relation, row, [...path, metadata], parents);
      else for (const column of relation.joinColumns) if (isSet(column, given)) copyValue(column, given, row);
    }
    await this.referByForeignKeys(metadata, row, [...path, metadata], parents);
    return row;
  }

  private async given(
    metadata: EntityMetadata,
    serial: number,
    path: readonly EntityMetadata[],
  ): Promise<ObjectLiteral> {
    const sample = this.samples[metadata.name] ?? this.samples[metadata.parentEntityMetadata?.name ?? ''];
    if (!sample) return {};
    const saved = <Entity extends ObjectLiteral>(entity: EntityTarget<Entity>): Promise<Entity> =>
      this.save(this.dataSource.getMetadata(entity), path, new Map()) as Promise<Entity>;
    const given = (await sample({ serial, saved })) as ObjectLiteral;
    const known = new Set(
      [...metadata.columns, ...metadata.relations].map(({ propertyPath }) => propertyPath.split('.')[0]),
    );
    const stranger = Object.keys(given).find((name) => !known.has(name));
    if (stranger === undefined) return given;
    throw new SampleError(
      metadata.name,
      stranger,
      `The sample of ${metadata.name} has a property "${stranger}" that the entity has not.`,
    );
  }

  private fill(metadata: EntityMetadata, column: ColumnMetadata, serial: number, row: ObjectLiteral): void {
    const isChecked = metadata.checks.some(({ expression }) => concerns(expression, column));
    if (isChecked && column.isNullable) return;
    const value = this.valueOf(metadata, column, serial);
    if (value !== undefined) return column.setEntityValue(row, value);
    if (column.isNullable) return;
    const what = column.transformer
      ? 'is behind a transformer that gives back nothing that was tried'
      : `is of type "${String(column.type)}"`;
    throw new SampleError(
      metadata.name,
      column.propertyPath,
      `No value can be made for ${metadata.name}.${column.propertyPath}: it ${what}.`,
    );
  }

  private async refer(
    metadata: EntityMetadata,
    relation: RelationMetadata,
    row: ObjectLiteral,
    path: readonly EntityMetadata[],
    parents: Parents,
  ): Promise<void> {
    const target = relation.inverseEntityMetadata;
    if (relation.isTreeParent) {
      // A nested set has one root, and everything else is below it.
      const root = metadata.treeType === 'nested-set' ? await this.rootOf(metadata) : null;
      if (root) relation.setEntityValue(row, root);
      return;
    }
    const isOptional = relation.isNullable && !relation.isPrimary;
    if (path.includes(target)) {
      if (isOptional) return;
      throw noFirstRow(metadata, relation.propertyPath, path, target);
    }
    // Each owner of a one-to-one has one of its own.
    const shared = relation.isOneToOne ? new Map<EntityMetadata, ObjectLiteral>() : parents;
    const parent = shared.get(target) ?? (await this.save(target, path, shared).catch(emptyIf(isOptional)));
    if (!parent) return;
    shared.set(target, parent);
    relation.setEntityValue(row, parent);
    for (const column of relation.joinColumns) {
      if (!column.isVirtual) column.setEntityValue(row, column.referencedColumn!.getEntityValue(parent));
    }
  }

  private async referByForeignKeys(
    metadata: EntityMetadata,
    row: ObjectLiteral,
    path: readonly EntityMetadata[],
    parents: Parents,
  ): Promise<void> {
    for (const { columns, referencedColumns, referencedEntityMetadata: target } of foreignKeysAlone(metadata)) {
      const isSet = columns.every((column) => column.getEntityValue(row) !== undefined);
      if (isSet || (path.includes(target) && columns.some(({ isNullable }) => isNullable))) continue;
      if (path.includes(target)) throw noFirstRow(metadata, columns[0]!.propertyPath, path, target);
      const parent = parents.get(target) ?? (await this.save(target, path, parents));
      parents.set(target, parent);
      for (const [index, column] of columns.entries())
        column.setEntityValue(row, referencedColumns[index]!.getEntityValue(parent));
    }
  }

  private async rootOf({ target, treeParentRelation }: EntityMetadata): Promise<ObjectLiteral | null> {
    const builder = this.manager.createQueryBuilder<ObjectLiteral>(target, 'node');
    return builder.where(`node.${treeParentRelation!.propertyPath} IS NULL`).getOne();
  }
}

class CycleError extends SampleError {}

/** A cycle is broken by the first reference on the way that may be empty. */
function emptyIf(isOptional: boolean): (error: unknown) => undefined {
  return (error) => {
    if (!isOptional || !(error instanceof CycleError)) throw error;
  };
}

function noFirstRow(
  metadata: EntityMetadata,
  property: string,
  path: readonly EntityMetadata[],
  target: EntityMetadata,
): SampleError {
  const round = [...path, target].map(({ name }) => name).join(' → ');
  return new CycleError(
    metadata.name,
    property,
    `No row of ${metadata.name} can be the first: ${metadata.name}.${property} refers to ${target.name}, and on the way ${round} no reference may be empty.`,
  );
}

/** Foreign keys without a relation, as `@ForeignKey` makes them. */
function foreignKeysAlone(metadata: EntityMetadata): EntityMetadata['foreignKeys'] {
  return metadata.foreignKeys.filter(({ columns }) => columns.every(({ relationMetadata }) => !relationMetadata));
}

function ownsReference(relation: RelationMetadata): boolean {
  return relation.isManyToOne || relation.isOneToOneOwner;
}

/** The value comes with the relation. */
function isReference(column: ColumnMetadata): boolean {
  return column.referencedColumn !== undefined && column.isVirtual;
}

function isSet(column: ColumnMetadata, given: ObjectLiteral): boolean {
  return !column.isVirtual && column.getEntityValue(given) !== undefined;
}

function copyValue(column: ColumnMetadata, given: ObjectLiteral, row: ObjectLiteral): void {
  column.setEntityValue(row, column.getEntityValue(given));
}

/** To be filled by the suite: neither the database nor TypeORM does it. */
export function isOpen(metadata: EntityMetadata, column: ColumnMetadata): boolean {
  if (column.isVirtual || column.isVirtualProperty || column.relationMetadata || column.referencedColumn) return false;
  if (column.isGenerated || column.generatedType || column.asExpression || !column.isInsert) return false;
  if (column.isCreateDate || column.isUpdateDate || column.isDeleteDate || column.isVersion) return false;
  if (
    column.isDiscriminator ||
    column.isTreeLevel ||
    column.isMaterializedPath ||
    column.isNestedSetLeft ||
    column.isNestedSetRight
  )
    return false;
  if (column.default !== undefined && column.default !== null) return false;
  return !foreignKeysAlone(metadata).some(({ columns }) => columns.includes(column));
}
