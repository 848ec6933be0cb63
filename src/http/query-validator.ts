import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify';
import type { TObject } from 'typebox';
import { Compile } from 'typebox/compile';

/**
 * Fastify's validator for query strings. A text counts as a number or a boolean only if it is written as one: the usual
 * coercions read `limit=1.5` as 1 and `limit=` as 0, which is not what the caller asked. The query itself stays as it
 * was sent, so that an error can show it.
 */
export const queryValidator: FastifySchemaCompiler<TObject> = ({ schema }) => {
  const compiled = Compile(schema);
  return (query: Record<string, unknown>) => {
    const value = Object.fromEntries(Object.entries(query).map(([name, text]) => [name, read(schema, name, text)]));
    if (compiled.Check(value)) return { value };
    const error: FastifySchemaValidationError[] = compiled.Errors(value);
    return { error };
  };
};

function read(schema: TObject, name: string, text: unknown): unknown {
  if (typeof text !== 'string') return text;
  const property = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
  const type = property && 'type' in property ? property.type : undefined;
  if (type === 'integer' && /^-?\d+$/.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
