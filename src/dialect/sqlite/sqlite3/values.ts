import { BoundNumber } from '../bound-numbers';

/** As whole numbers, and no others, the package binds these as INTEGER. */
export function isInt32(value: number): boolean {
  return (value | 0) === value;
}

/** Values of the application in a form that can be sent to another thread, and is bound there as it would be here. */
export function sendable(parameters: unknown): unknown {
  if (Array.isArray(parameters)) return parameters.map(sendableValue);
  if (typeof parameters !== 'object' || parameters === null || isAtom(parameters)) return sendableValue(parameters);
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, sendableValue(value)]));
}

function sendableValue(value: unknown): unknown {
  switch (typeof value) {
    case 'bigint':
    case 'symbol':
      // Bound as nothing, which is NULL.
      return undefined;
    case 'function':
      return asObject;
    case 'object':
      if (value instanceof BoundNumber) return value.valueOf();
      if (value === null || value instanceof Date || value instanceof RegExp) return value;
      return ArrayBuffer.isView(value) ? compact(value) : asObject;
    default:
      return value;
  }
}

/** What the package binds for every other object. */
const asObject = '[object Object]';

function isAtom(value: object): boolean {
  return value instanceof Date || value instanceof RegExp || value instanceof BoundNumber || ArrayBuffer.isView(value);
}

/** Sent with no more than itself: a small Buffer is part of a larger one. */
function compact(view: ArrayBufferView): ArrayBufferView {
  const { buffer, byteOffset, byteLength } = view;
  return byteLength === buffer.byteLength ? view : new Uint8Array(buffer, byteOffset, byteLength).slice();
}

/** Values of the library: a bigint is an INTEGER, and none is rounded. The package itself can bind no larger than int32. */
export function exactly(sql: string, parameters: readonly unknown[]): [sql: string, parameters: readonly unknown[]] {
  if (!parameters.some((value) => typeof value === 'bigint')) return [sql, parameters.map(sendableValue)];
  const wide = parameters.map((value) => typeof value === 'bigint' && !isInt32(Number(value)));
  const values = parameters.map((value, index) => {
    if (typeof value !== 'bigint') return sendableValue(value);
    return wide[index] ? value.toString() : Number(value);
  });
  return [wide.includes(true) ? withCasts(sql, wide) : sql, values];
}

/** Text in quotes of every kind, comments, and the places of parameters. */
const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|\?/g;

function withCasts(sql: string, isCast: readonly boolean[]): string {
  let index = 0;
  // The sign takes away the affinity that CAST has: the place stands for a value, and no more.
  return sql.replace(token, (found) => (found === '?' && isCast[index++] ? '+CAST(? AS INTEGER)' : found));
}

/** What a thread sent, with bytes as a Buffer, as the package gives them. */
export function received(row: Record<string, unknown>): Record<string, unknown> {
  for (const name in row) {
    const value = row[name];
    if (value instanceof Uint8Array) row[name] = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  return row;
}
