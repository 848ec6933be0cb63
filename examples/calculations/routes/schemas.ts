import { Type } from '@fastify/type-provider-typebox';
import { statuses } from '../entities/calculation';
import { maxFormulaLength, namePattern } from '../formula';

/** The shapes of requests. Unknown fields are refused: a misspelt filter that is ignored would answer too much. */
const strict = { additionalProperties: false };

const formula = Type.String({ minLength: 1, maxLength: maxFormulaLength });
const inputs = Type.Record(Type.String({ pattern: namePattern }), Type.Number(), { ...strict, maxProperties: 32 });
const owner = Type.String({ minLength: 1, maxLength: 100 });

/** A user calculation may be called anything; a system calculation must be spelled in formulas. */
export const freeName = Type.String({ minLength: 1, maxLength: 100 });
export const formulaName = Type.String({ pattern: namePattern });

export type NameSchema = typeof freeName;

export const draftSchema = (name: NameSchema) =>
  Type.Object({ name, formula, inputs: Type.Optional(inputs), owner: Type.Optional(owner) }, strict);

export const changeSchema = (name: NameSchema) =>
  Type.Partial(Type.Object({ name, formula, inputs, owner }), { ...strict, minProperties: 1 });

export const recalculationSchema = Type.Object({ owner }, strict);

export const idSchema = Type.Object({ id: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }) }, strict);

const includeDeleted = Type.Optional(Type.Boolean());

export const getSchema = Type.Object({ include_deleted: includeDeleted }, strict);

export const listSchema = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 })),
    owner: Type.Optional(owner),
    status: Type.Optional(Type.Enum([...statuses])),
    include_deleted: includeDeleted,
  },
  strict,
);

export const deleteSchema = Type.Object({ hard: Type.Optional(Type.Boolean()) }, strict);
