import { InvalidQueryError } from './errors';
import { decodeCursor } from './model/cursor';
import { operations } from './model/entry';
import type { RecentQuery } from './reports';
import type { EntryFilter } from './store/entry-search';

const texts = ['entity', 'entityId', 'actor', 'correlationId', 'transactionId', 'field'] as const;
const known = new Set<string>([...texts, 'operation', 'limit', 'cursor', 'from', 'to', 'fresh', 'reveal']);
const iso8601 = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

/** Page size of `recent`: default and range. */
export const pageSize = { default: 50, least: 1, most: 500 } as const;

/**
 * Checks a query and turns it into the store's filter.
 * @throws InvalidQueryError, InvalidCursorError naming the parameter and the value
 */
export function toFilter(query: RecentQuery): { filter: EntryFilter; limit: number; reveal: Set<string> } {
  for (const name of Object.keys(query)) {
    if (!known.has(name)) throw new InvalidQueryError(`There is no parameter "${name}".`, { value: name });
  }
  const filter: EntryFilter = {};
  for (const name of texts) {
    const value: unknown = query[name];
    if (value === undefined) continue;
    if (typeof value !== 'string') throw new InvalidQueryError(`${name} must be a string.`, { value });
    filter[name] = value;
  }
  if (query.operation !== undefined) {
    if (!operations.includes(query.operation)) {
      throw new InvalidQueryError(`operation must be one of ${operations.join(', ')}.`, { value: query.operation });
    }
    filter.operation = query.operation;
  }
  if (query.from !== undefined) filter.from = parseInstant('from', query.from);
  if (query.to !== undefined) filter.to = parseInstant('to', query.to);
  if (query.cursor !== undefined) filter.beforeId = decodeCursor(query.cursor);
  return { filter, limit: parseLimit(query.limit), reveal: new Set(query.reveal) };
}

function parseLimit(limit: number = pageSize.default): number {
  if (!Number.isInteger(limit) || limit < pageSize.least || limit > pageSize.most) {
    throw new InvalidQueryError(`limit must be a whole number from ${pageSize.least} to ${pageSize.most}.`, {
      value: limit,
    });
  }
  return limit;
}

/** Milliseconds since 1970 of an ISO 8601 date (midnight UTC) or instant with its offset. */
export function parseInstant(name: string, text: string): number {
  const date = typeof text === 'string' ? iso8601.exec(text)?.[1] : undefined;
  // Date.parse takes 30 February for 1 March.
  const isReal = date !== undefined && new Date(`${date}T00:00:00Z`).getUTCDate() === Number(date.slice(8));
  const at = isReal ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) {
    throw new InvalidQueryError(`${name} must be an ISO 8601 date or instant with offset, e.g. 2026-01-31T12:00:00Z.`, {
      value: text,
    });
  }
  return at;
}
