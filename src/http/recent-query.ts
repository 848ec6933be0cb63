import { InvalidQueryError } from '../errors';
import type { RecentQuery } from '../reports';
import type { RecentParameters } from './schemas';

// A date, or a date and time with its offset: a time without one would mean another instant on every machine.
// Milliseconds at most, which is what entries carry; RFC 3339 section 5.6, without the leap second.
const instantFormat =
  /^(\d{4}-\d{2}-\d{2})(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,3})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?$/;

/**
 * The library's query from the parameters of the request.
 *
 * @throws InvalidQueryError for a `from`, `to` or `reveal` that the schema cannot judge
 */
export function toRecentQuery(parameters: RecentParameters): RecentQuery {
  const { entity_id, correlation_id, transaction_id, from, to, reveal, ...same } = parameters;
  const query: RecentQuery = { ...same };
  if (entity_id !== undefined) query.entityId = entity_id;
  if (correlation_id !== undefined) query.correlationId = correlation_id;
  if (transaction_id !== undefined) query.transactionId = transaction_id;
  if (from !== undefined) query.from = toInstant('from', from);
  if (to !== undefined) query.to = toInstant('to', to);
  if (reveal !== undefined) query.reveal = toColumns(reveal);
  if (query.from !== undefined && query.to !== undefined && query.from > query.to) {
    throw new InvalidQueryError(`from must not be later than to, but ${query.from} is later than ${query.to}.`, {
      value: { from, to },
    });
  }
  return query;
}

function toInstant(name: string, text: string): string {
  const date = instantFormat.exec(text)?.[1];
  // JavaScript reads 30 February as 1 March.
  if (date === undefined || !isCalendarDate(date)) {
    throw new InvalidQueryError(
      `${name} must be an ISO 8601 date (2026-01-31) or an instant with its offset ` +
        `(2026-01-31T12:00:00Z, 2026-01-31T12:00:00%2B02:00 in a URL), not ${JSON.stringify(text)}.`,
      { value: text },
    );
  }
  return new Date(text).toISOString();
}

function isCalendarDate(date: string): boolean {
  const parsed = new Date(date);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date);
}

function toColumns(text: string): string[] {
  const columns = text.split(',').map((column) => column.trim());
  const bad = columns.find((column) => !/^[^.]+\../.test(column));
  if (bad !== undefined) {
    throw new InvalidQueryError(
      `reveal must name columns as Entity.property, separated by commas, not ${JSON.stringify(bad)}.`,
      { value: text },
    );
  }
  return columns;
}
