import type { Engine } from '../dialect/engine';
import type { Condition, EntryIndex, ReadSql } from '../dialect/store-sql';
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

/** A way to the entries that one condition of a filter lets through. */
interface Lead {
  index: EntryIndex;
  /** What the index finds them by. */
  condition: Condition;
  /** The same, of an entry that another index has found. */
  probe: Condition;
}

/** Where a turn looks: by what index, and down to which id; null: to the end. */
interface Course {
  lead: Lead | undefined;
  reach: number | null;
}

/**
 * Finds entries, newest first, without ever looking at many more than it gives back in one turn: an index leads to the
 * entries of one value in their order, those of other values are looked up in their own indexes, and whatever is left in
 * the entries themselves. Where several indexes could lead, the one does whose entries reach back furthest in this turn.
 */
export class EntrySearch {
  constructor(
    private readonly sql: ReadSql,
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
    const others = othersOf(filter, this.names, this.sql);
    const isExact = leads.length <= 1 && others.length === 0;
    const course = isExact ? { lead: leads[0], reach: null } : this.course(engine, leads, range);
    if (!course) return { rows: [], goOnBefore: null };
    const { lead, reach } = course;
    const probes = leads.filter((other) => other !== lead).map(({ probe }) => probe);
    const conditions = [...range, ...(lead ? [lead.condition] : []), ...others, ...probes];
    if (reach !== null) conditions.push({ sql: 'e.id >= ?', values: [reach] });
    const sql = this.sql.selectEntries(conditions, lead?.index ?? 'id');
    const rows = engine.execute(sql, [...valuesOf(conditions), limit]).rows!;
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

  /** Those to few entries first. */
  private leads({ entity, entityId, operation, actor, correlationId, transactionId }: EntryFilter): Lead[] {
    const lead = (index: EntryIndex, equal: Record<string, string | undefined>): Lead[] => {
      const [columns, values] = [Object.keys(equal), Object.values(equal)];
      if (values.includes(undefined)) return [];
      const condition = { sql: columns.map((column) => `e.${column} = ?`).join(' AND '), values };
      return [{ index, condition, probe: { sql: this.sql.isFoundBy(index, columns), values } }];
    };
    const hasId = { sql: this.sql.hasEntityId, values: [entityId] };
    const row = lead('row', { entity, entity_id: entityId });
    return [
      ...lead('transaction', { transaction_id: transactionId }),
      ...lead('correlation', { correlation_id: correlationId }),
      ...(row.length > 0 ? row : lead('entity', { entity })),
      ...(entityId !== undefined && row.length === 0 ? [{ index: 'id' as const, condition: hasId, probe: hasId }] : []),
      ...lead('actor', { actor }),
      ...lead('operation', { operation }),
    ];
  }

  /** Undefined where there is nothing to be found. */
  private course(engine: Engine, leads: Lead[], range: Condition[]): Course | undefined {
    const last = (conditions: Condition[], index: EntryIndex, entries: number): number | undefined => {
      const id = engine.scalar(this.sql.selectReach(conditions, index), [...valuesOf(conditions), entries - 1]);
      return id === undefined ? undefined : Number(id);
    };
    if (leads.length === 0) {
      // Walked through, the entries themselves would be read; their ids have hardly a gap.
      const newest = last(range, 'id', 1);
      return newest === undefined ? undefined : { lead: undefined, reach: newest > turn ? newest - turn + 1 : null };
    }
    let course: { lead: Lead; reach: number } | undefined;
    for (const lead of leads) {
      const reach = last([...range, lead.condition], lead.index, turn);
      if (reach === undefined) return { lead, reach: null };
      if (!course || reach < course.reach) course = { lead, reach };
    }
    return course;
  }
}

/** All conditions of a filter but those on entity and id, for entries that are found by these. */
export function rowConditions(filter: EntryFilter, names: RecordedNames, sql: ReadSql): Condition[] {
  const { beforeId, operation, actor, correlationId, transactionId } = filter;
  const equal = { operation, actor, correlation_id: correlationId, transaction_id: transactionId };
  const conditions: Condition[] = Object.entries(equal)
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) => ({ sql: `e.${column} = ?`, values: [value] }));
  if (beforeId !== undefined) conditions.push({ sql: 'e.id < ?', values: [beforeId] });
  return [...conditions, ...othersOf(filter, names, sql)];
}

/** Conditions that no index serves. */
function othersOf({ from, to, field }: EntryFilter, names: RecordedNames, sql: ReadSql): Condition[] {
  const others: Condition[] = [];
  if (from !== undefined) others.push({ sql: 'e.recorded_at >= ?', values: [from] });
  if (to !== undefined) others.push({ sql: 'e.recorded_at < ?', values: [to] });
  if (field !== undefined) others.push(changedField(field, names, sql));
  return others;
}

/** The list is JSON; a name is searched for as JSON has it, quotes included. */
function changedField(field: string, names: RecordedNames, { changesField }: ReadSql): Condition {
  const found = [changesField];
  const values: unknown[] = [JSON.stringify(field)];
  for (const { field: other, entities } of names.otherFields(field)) {
    found.push(`${changesField} AND e.entity IN (${entities.map(() => '?').join(', ')})`);
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
