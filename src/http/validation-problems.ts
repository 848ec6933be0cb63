import type { FastifySchemaValidationError } from 'fastify';

/** What is wrong with a part of a request: a sentence a value, and the value as it was sent (several: by name). */
export interface Problems {
  message: string;
  value: unknown;
}

type JsonObject = Record<string, unknown>;

const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null;

/**
 * Puts the findings of a JSON Schema validator (TypeBox or Ajv) into words: which value, what it should be, what it is.
 *
 * @param part what is validated, for findings about the whole of it
 */
export function describeProblems(
  findings: readonly FastifySchemaValidationError[],
  part: string,
  schema: unknown,
  sent: unknown,
): Problems {
  const properties = isObject(schema) && isObject(schema['properties']) ? schema['properties'] : {};
  const sentences = new Map<string, string>();
  const values = new Map<string, unknown>();
  const extras: string[] = [];
  for (const finding of findings) {
    const unforeseen = unknownNames(finding);
    const path = finding.instancePath.split('/').slice(1).map(unescapePointer);
    const name = path.join('.');
    for (const extra of unforeseen) {
      values.set(extra, valueAt(sent, [...path, extra]));
      extras.push(clip(extra));
    }
    if (unforeseen.length > 0 || finding.keyword === 'boolean' || sentences.has(name)) continue;
    if (path.length === 0) {
      sentences.set(name, `The ${part} ${finding.message ?? 'is not valid'}.`);
      continue;
    }
    const value = valueAt(sent, path);
    values.set(name, value);
    const expected = path.length === 1 ? expectation(properties[name]) : undefined;
    sentences.set(name, `${name} ${expected ?? finding.message ?? 'is not valid'}, not ${show(value)}.`);
  }
  const unknown = extras.length > 0 ? [describeExtras(extras, Object.keys(properties))] : [];
  return {
    message: [...unknown, ...sentences.values()].join(' '),
    value: values.size > 1 ? Object.fromEntries(values) : [...values.values()][0],
  };
}

/** Ajv names one property a finding, TypeBox lists all of them in one. */
function unknownNames({ keyword, params }: FastifySchemaValidationError): string[] {
  if (keyword !== 'additionalProperties') return [];
  return [params['additionalProperties'] ?? params['additionalProperty']].flat().map(String);
}

function describeExtras(extras: string[], known: string[]): string {
  const there = known.length > 0 ? `there are ${known.join(', ')}` : 'there are none here';
  return `Unknown ${extras.length > 1 ? 'parameters' : 'parameter'} ${extras.join(', ')}; ${there}.`;
}

/** The range in words, where the schema says more than the validator's message does. */
function expectation(schema: unknown): string | undefined {
  if (!isObject(schema)) return undefined;
  if (Array.isArray(schema['enum'])) return `must be one of ${schema['enum'].join(', ')}`;
  if (schema['type'] === 'boolean') return 'must be true or false';
  if (schema['type'] === 'string' && schema['minLength'] === 1) return 'must be given once, with a value';
  const { minimum, maximum } = schema;
  if (schema['type'] === 'integer' && typeof minimum === 'number' && typeof maximum === 'number') {
    return `must be an integer from ${minimum} to ${maximum}`;
  }
  return undefined;
}

function valueAt(sent: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), sent);
}

/** JSON pointers write `~` and `/` as `~0` and `~1`; RFC 6901 section 3. */
function unescapePointer(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}

function show(value: unknown): string {
  return clip(JSON.stringify(value) ?? 'nothing');
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
