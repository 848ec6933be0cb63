import type { Engine } from '../dialect/engine';
import type { Condition, EntryIndex, StoreSql } from '../dialect/store-sql';
import type { Operation } from '../model/entry';
import type { RecordedNames } from '../model/recorded-names';
import { hourBucket, minuteBucket } from './rollup';

/** Filters in the form the table has; all must hold. */
export interface EntryFilter {
  beforeId?: number | undefined;
  entity?: string;
  entityId?: string;
  operation?: Operation;
  actor?: string;
  correlationId?: string;
  transactionId?: string;
  field?: string;
  /** Milliseconds since 1970: from inclusive, to exclusive. */
  from?: number;
  to?: number;
}

/** Entries that one turn looks at, where an index alone does not tell which are wanted: a few milliseconds. */
const turn = 2000;

/** 9999-12-31T23:59:59.999Z: the last instant whose text has four digits of a year, and so sorts as it should. */
const lastInstant = 253_402_300_799_999;

/** What one turn found. */
interface Part {
  rows: unknown[];
  goOnBefore: number | null;
}

interface Lead {
  index: EntryIndex;
  /** What the index finds entries by. */
  conditions: Condition[];
}

/**
 * Finds entries, newest first, without ever looking at many more than it gives back in one turn: an index leads to the
 * entries of one value in their order, the other conditions are looked up. Where several indexes could lead, the one does
 * whose entries reach back furthest in this turn.
 */
export class EntrySearch {
  constructor(
    private readonly sql: StoreSql,
    private readonly names: RecordedNames,
  ) {}

  /**
   * @param alternatives filters of which one must hold, at least one
   * @returns `goOnBefore` where the turn ended before the limit and before the log did: the id to go on below
   */
  part(engine: Engine, alternatives: readonly EntryFilter[], limit: number): Part {
    const parts = alternatives.map((filter) => this.partOf(engine, filter, limit));
    if (parts.length === 1) return parts[0]!;
    // Below the place where one of them stopped there may be entries of it that belong between those of the others.
    const goOnBefore = Math.max(...parts.map((part) => part.goOnBefore ?? 0));
    const rows = parts
      .flatMap((part) => part.rows as { id: number }[])
      .filter(({ id }) => id >= goOnBefore)
      .sort((a, b) => b.id - a.id)
      .slice(0, limit);
    return { rows, goOnBefore: rows.length < limit && goOnBefore > 0 ? goOnBefore : null };
  }

  private partOf(engine: Engine, filter: EntryFilter, limit: number): Part {
    const range = this.idRange(engine, filter);
    if (!range) return { rows: [], goOnBefore: null };
    const leads = this.leads(filter);
    const all = [...range, ...leads.flatMap(({ conditions }) => conditions), ...othersOf(filter, this.names)];
    const isExact = leads.length === 1 && all.length === range.length + leads[0]!.conditions.length;
    const { index, reach } = isExact ? { index: leads[0]!.index, reach: null } : this.furthest(engine, leads, range);
    const conditions = reach === null ? all : [...all, { sql: 'e.id >= ?', values: [reach] }];
    const rows = engine.execute(this.sql.selectEntries(conditions, index), [...valuesOf(conditions), limit]).rows!;
    return { rows, goOnBefore: rows.length < limit ? reach : null };
  }

  /** Conditions on the id: the cursor's, and those that an instant means; undefined where the span of time is empty. */
  private idRange(engine: Engine, { beforeId, from, to }: EntryFilter): Condition[] | undefined {
    const range = beforeId === undefined ? [] : [{ sql: 'e.id < ?', values: [beforeId] }];
    if (from === undefined && to === undefined) return range;
    const [begin, end] = [clamped(from ?? 0), clamped((to ?? Infinity) - 1)];
    const span = [hourBucket(begin), minuteBucket(begin), hourBucket(end), minuteBucket(end)];
    const [ids] = engine.execute(this.sql.selectIdRange, span).rows as { first: number | null; last: number | null }[];
    if (ids!.first === null) return undefined;
    return [...range, { sql: 'e.id >= ? AND e.id <= ?', values: [ids!.first, ids!.last] }];
  }

  private leads({ entity, entityId, operation, actor, correlationId, transactionId }: EntryFilter): Lead[] {
    const lead = (index: EntryIndex, sql: string, ...values: (string | undefined)[]): Lead[] =>
      values.includes(undefined) ? [] : [{ index, conditions: [{ sql, values }] }];
    // Few entries have the same: what is left is looked up in all of them.
    const row = entity === undefined ? [] : lead('row', 'e.entity = ? AND e.entity_id = ?', entity, entityId);
    const narrow = [
      ...lead('transaction', 'e.transaction_id = ?', transactionId),
      ...lead('correlation', 'e.correlation_id = ?', correlationId),
      ...(row.length > 0 ? row : lead('id', this.sql.hasEntityId, entityId)),
    ];
    const wide = [
      ...(row.length > 0 ? [] : lead('entity', 'e.entity = ?', entity)),
      ...lead('actor', 'e.actor = ?', actor),
      ...lead('operation', 'e.operation = ?', operation),
    ];
    const leads = [...narrow, ...wide];
    return leads.length > 0 ? leads : [{ index: 'id', conditions: [] }];
  }

  private furthest(engine: Engine, leads: Lead[], range: Condition[]): { index: EntryIndex; reach: number | null } {
    let furthest: { index: EntryIndex; reach: number | null } | undefined;
    for (const { index, conditions } of leads) {
      const own = [...range, ...conditions];
      const last = engine.scalar(this.sql.selectReach(own, index), [...valuesOf(own), turn - 1]);
      const reach = last === undefined ? null : Number(last);
      if (!furthest || reach === null || reach < furthest.reach!) furthest = { index, reach };
      if (reach === null) break;
    }
    return furthest!;
  }
}

/** All conditions of a filter but those on entity and id, for entries that are found by these. */
export function rowConditions(filter: EntryFilter, names: RecordedNames): Condition[] {
  const { beforeId, operation, actor, correlationId, transactionId } = filter;
  const equal = { operation, actor, correlation_id: correlationId, transaction_id: transactionId };
  const conditions: Condition[] = Object.entries(equal)
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) => ({ sql: `e.${column} = ?`, values: [value] }));
  if (beforeId !== undefined) conditions.push({ sql: 'e.id < ?', values: [beforeId] });
  return [...conditions, ...othersOf(filter, names)];
}

/** Conditions that no index serves. */
function othersOf({ from, to, field }: EntryFilter, names: RecordedNames): Condition[] {
  const others: Condition[] = [];
  if (from !== undefined) others.push({ sql: 'e.recorded_at >= ?', values: [from] });
  if (to !== undefined) others.push({ sql: 'e.recorded_at < ?', values: [to] });
  if (field !== undefined) others.push(changedField(field, names));
  return others;
}

/** The list is JSON; a name is searched for as JSON has it, quotes included. */
function changedField(field: string, names: RecordedNames): Condition {
  const found = ['instr(e.changed_fields, ?) > 0'];
  const values: unknown[] = [JSON.stringify(field)];
  for (const { field: other, entities } of names.otherFields(field)) {
    found.push(`instr(e.changed_fields, ?) > 0 AND e.entity IN (${entities.map(() => '?').join(', ')})`);
    values.push(JSON.stringify(other), ...entities);
  }
  return { sql: found.map((sql) => `(${sql})`).join(' OR '), values };
}

function valuesOf(conditions: readonly Condition[]): unknown[] {
  return conditions.flatMap(({ values }) => values);
}

function clamped(instant: number): number {
  return Math.min(Math.max(instant, 0), lastInstant);
}
