import { type ColumnOptions, EntitySchema, getMetadataArgsStorage, type ValueTransformer } from 'typeorm';
import { serverLacks } from '../../support/mssql';
import type { Model } from '../write-path';

const json: ValueTransformer = {
  to: (value: unknown) => (value === null || value === undefined ? null : JSON.stringify(value)),
  from: (value: string | null) => (value === null ? null : (JSON.parse(value) as unknown)),
};

/** As digits, for a server that can't write bytes so. */
const hexadecimal: ValueTransformer = {
  to: (value: Buffer | null | undefined) => value?.toString('hex') ?? null,
  from: (value: string | null) => (value === null ? null : Buffer.from(value, 'hex')),
};

export const hasNoHexadecimal = 'it does not write binary as digits';

type Declared = Pick<ColumnOptions, 'type' | 'length' | 'transformer'>;

/** Types that SQL Server does not have, each with the one that means the same there. */
const everywhere: Record<string, Declared> = {
  boolean: { type: 'bit' },
  blob: { type: 'varbinary', length: 'max' },
  json: { type: 'simple-json' },
};
/** Long texts, of which TypeORM makes what triggers can't see; a DataSource of this library does not. */
const longTexts: Record<string, Declared> = {
  'simple-json': { type: 'nvarchar', length: 'max', transformer: json },
  text: { type: 'nvarchar', length: 'max' },
};

const originals = new WeakMap<object, Declared>();

/** Declares the columns of a model as somebody would who wrote it for SQL Server; called again, for another origin. */
export async function declareForServer({ entities }: Model, isAttached: boolean): Promise<void> {
  if (await serverLacks(hasNoHexadecimal))
    everywhere['blob'] = { type: 'varchar', length: 'max', transformer: hexadecimal };
  const classes = new Set<unknown>(
    entities.flatMap((entity) => (typeof entity === 'function' ? ancestry(entity) : [])),
  );
  const columns = getMetadataArgsStorage().columns.filter(
    ({ target }) => classes.has(target) || embedded().has(target as object),
  );
  for (const { options } of columns) redeclare(options, isAttached);
  // TypeORM refuses it for SQL Server, where a table can't cascade to itself.
  for (const { isTreeParent, options } of getMetadataArgsStorage().relations) if (isTreeParent) delete options.onDelete;
  for (const entity of entities) {
    if (entity instanceof EntitySchema)
      for (const column of Object.values(entity.options.columns)) redeclare(column as ColumnOptions, isAttached);
  }
}

function redeclare(options: ColumnOptions, isAttached: boolean): void {
  const { type, length, transformer } = options;
  const original = originals.get(options) ?? { type, length, transformer };
  originals.set(options, original);
  let declared = everywhere[String(original.type)] ?? {};
  if (isAttached) declared = { ...declared, ...longTexts[String(declared.type ?? original.type)] };
  Object.assign(options, original, declared, original.transformer && { transformer: original.transformer });
}

function ancestry(entity: object): object[] {
  const parent = Object.getPrototypeOf(entity) as object | null;
  return parent && parent !== Function.prototype ? [entity, ...ancestry(parent)] : [entity];
}

function embedded(): Set<object> {
  return new Set(getMetadataArgsStorage().embeddeds.map(({ type }) => (type as () => object)()));
}
