import type { EntityMetadata } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { type HiddenColumns, hiddenOf } from '../oracle/hidden-columns';
import { columnValue } from '../sample/column-values';
import type { Given } from '../sample/sampler';
import { concerns } from '../sample/sample-error';

/** Columns that the suite may give another value: it can make one, and nobody else sets the column. */
export function changeable(metadata: EntityMetadata, given: Given): ColumnMetadata[] {
  return metadata.columns.filter((column) => {
    if (column.isVirtual || column.isVirtualProperty || column.relationMetadata || column.referencedColumn)
      return false;
    if (column.isPrimary || column.isGenerated || column.generatedType || column.asExpression) return false;
    if (!column.isUpdate || column.isCreateDate || column.isUpdateDate || column.isDeleteDate || column.isVersion)
      return false;
    if (column.isTreeLevel || column.isMaterializedPath || column.isNestedSetLeft || column.isNestedSetRight)
      return false;
    if (column.isDiscriminator || metadata.foreignKeys.some(({ columns }) => columns.includes(column))) return false;
    if (given.varying.has(column.propertyPath)) return true;
    if (given.fixed.has(column.propertyPath)) return false;
    if (metadata.checks.some(({ expression }) => concerns(expression, column))) return false;
    const [one, other] = [columnValue(column, 1), columnValue(column, 2)];
    return one !== undefined && JSON.stringify(one, bigints) !== JSON.stringify(other, bigints);
  });
}

const bigints = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

export function isUnique(metadata: EntityMetadata, column: ColumnMetadata): boolean {
  const indices = metadata.indices.filter((index) => index.isUnique);
  return [...metadata.uniques, ...indices].some(({ columns }) => columns.includes(column));
}

/** Those whose values the trail may hold. */
export function inTheOpen(
  metadata: EntityMetadata,
  columns: ColumnMetadata[],
  hidden: HiddenColumns,
): ColumnMetadata[] {
  const { left, redacted } = hiddenOf(hidden, metadata.tablePath);
  return columns.filter(({ databaseName }) => {
    const name = databaseName.toLowerCase();
    return !left.has(name) && !redacted.has(name);
  });
}

export function isNumeric({ type, transformer, enum: values }: ColumnMetadata): boolean {
  if (transformer || values) return false;
  return (
    type === Number ||
    (typeof type === 'string' && /int|^(real|float|double|dec|numeric|number)/.test(type) && type !== 'point')
  );
}

/** Properties by which an upsert can find a row that is there: a unique key whose values the suite sets itself. */
export function conflictPaths(metadata: EntityMetadata): string[] | undefined {
  const keys = [
    ...metadata.uniques.map(({ columns }) => columns),
    ...metadata.indices.filter(({ isUnique: unique, where }) => unique && !where).map(({ columns }) => columns),
    metadata.primaryColumns,
  ];
  const isSet = (column: ColumnMetadata): boolean =>
    !column.relationMetadata &&
    !column.isGenerated &&
    !column.isVirtual &&
    column.isInsert &&
    column.default === undefined;
  return keys.find((columns) => columns.length > 0 && columns.every(isSet))?.map(({ propertyPath }) => propertyPath);
}
