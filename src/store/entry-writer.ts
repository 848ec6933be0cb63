import type { Engine } from '../dialect/engine';
import { canonicalCodec, type StoreSql } from '../dialect/store-sql';
import type { Operation } from '../model/entry';
import type { Image } from '../model/image';
import type { RowText } from '../model/image-text';
import { toContextRecord, type ContextRecord } from './pending-context';
import { type Countable, rollUp } from './rollup';

/** An entry about to be written; its id is given by the table. */
export interface NewEntry {
  transactionId: string;
  entity: string;
  table: string;
  entityId: string | null;
  operation: Operation;
  before: Image | null;
  after: Image | null;
  /** Names of the fields that differ. */
  fields: string[];
  /** Context as JSON text, null without one. */
  context: string | null;
  schemaVersion: number;
  /** Id before an update that gave the row another key. */
  movedFrom: string | null;
  /** Milliseconds since 1970. */
  recordedAt: number;
}

/** The same, its images and fields as JSON text and its context in the columns of the table. */
export interface EntryRow extends Omit<NewEntry, 'before' | 'after' | 'fields' | 'context'> {
  before: string | null;
  after: string | null;
  fields: string;
  context: ContextRecord | null;
}

/** What entries that are written for many rows at once have in common; none has an image before. */
export type CommonOfEntries = Pick<
  NewEntry,
  'transactionId' | 'table' | 'operation' | 'context' | 'schemaVersion' | 'recordedAt'
>;

/** Entries of one statement: more gain little, and every number of them is a statement of its own. */
const entriesAStatement = 8;

/** Writes entries, their contexts and their share of the roll-ups, in the transaction of the caller. */
export class EntryWriter {
  /** @param batchSize rows of one statement at most */
  constructor(
    private readonly sql: StoreSql,
    private readonly batchSize: number,
  ) {}

  write(engine: Engine, entries: readonly NewEntry[]): void {
    this.writeRows(engine, entries.map(toRow));
  }

  writeRows(engine: Engine, entries: readonly EntryRow[]): void {
    const contexts = new Map<string, ContextRecord>();
    for (const { context } of entries) if (context) contexts.set(context.digest, context);
    const ids = this.writeContexts(engine, [...contexts.values()]);
    const counted: Countable[] = [];
    const statements: unknown[][] = [];
    for (const part of chunks(entries, entriesAStatement)) {
      const values: unknown[] = [];
      for (const entry of part) {
        const { context } = entry;
        values.push(entry.transactionId, entry.entity, entry.table, entry.entityId, entry.operation);
        values.push(entry.before, entry.after, entry.fields, context?.actor ?? null, context?.correlationId ?? null);
        values.push(context ? ids.get(context.digest)! : null, entry.schemaVersion, entry.recordedAt, entry.movedFrom);
        count(counted, entry);
      }
      statements.push(values);
    }
    const entriesLeft = entries.length % entriesAStatement;
    const rest = entriesLeft === 0 ? [] : [statements.pop()!];
    const lastOfWhole = engine.executeEach(this.sql.insertEntries(entriesAStatement), statements);
    const lastId = entriesLeft === 0 ? lastOfWhole : engine.executeEach(this.sql.insertEntries(entriesLeft), rest);
    this.addRollups(engine, counted, lastId);
  }

  /** Writes an entry for each of many rows: the same as `write` does with their images, at a fraction of the cost. */
  writeAlike(engine: Engine, common: CommonOfEntries, rows: readonly RowText[]): void {
    const { transactionId, table, operation, context, schemaVersion, recordedAt } = common;
    const record = context === null ? undefined : toContextRecord(context);
    const contextId = record ? this.writeContexts(engine, [record]).get(record.digest)! : null;
    const actor = record?.actor ?? null;
    const shared = [transactionId, table, operation, actor, record?.correlationId ?? null, contextId];
    shared.push(schemaVersion, recordedAt, canonicalCodec);
    const entities = new Map<string, number>();
    let lastId = 0;
    for (const part of chunks(rows, this.batchSize)) {
      const values: unknown[] = [...shared];
      for (const { entity, entityId, image, fields } of part) {
        values.push(entity, entityId, image, fields);
        entities.set(entity, (entities.get(entity) ?? 0) + 1);
      }
      lastId = Number(engine.execute(this.sql.insertAlike(part.length), values).lastInsertId);
    }
    const counts = [...entities].map(([entity, entries]) => ({ entity, operation, actor, recordedAt, entries }));
    this.addRollups(engine, counts, lastId);
  }

  /** @param lastId that of the last entry; one transaction writes at a time, so theirs are in a row */
  private addRollups(engine: Engine, entries: readonly Countable[], lastId: number): void {
    const total = entries.reduce((sum, alike) => sum + alike.entries, 0);
    this.inBatches(engine, rollUp(entries, lastId - total + 1), (rows) => this.sql.addRollups(rows));
  }

  /** Adds entries that were written in another way to the roll-ups; each says its place in the log. */
  count(engine: Engine, entries: readonly Countable[]): void {
    this.inBatches(engine, rollUp(entries, 0), (rows) => this.sql.addRollups(rows));
  }

  /** @param contexts each once @returns their numbers, by digest */
  writeContexts(engine: Engine, contexts: readonly ContextRecord[]): Map<string, number> {
    const rows = contexts.map((c) => [c.digest, c.actor, c.reason, c.correlationId, c.source, c.metadata]);
    this.inBatches(engine, rows, (count) => this.sql.insertContexts(count));
    const ids = new Map<string, number>();
    for (const part of chunks(contexts, this.batchSize)) {
      const found = engine.execute(
        this.sql.selectContextIds(part.length),
        part.map(({ digest }) => digest),
      ).rows;
      for (const { id, digest } of found as { id: number; digest: string }[]) ids.set(digest, id);
    }
    return ids;
  }

  /** @returns id of the last row */
  private inBatches(engine: Engine, rows: unknown[][], sql: (count: number) => string): number {
    let lastId = 0;
    for (const part of chunks(rows, this.batchSize)) {
      lastId = Number(engine.execute(sql(part.length), part.flat()).lastInsertId);
    }
    return lastId;
  }
}

/** Neighbours are mostly alike, and counted as one. */
function count(counted: Countable[], { entity, operation, recordedAt, context }: EntryRow): void {
  const actor = context?.actor ?? null;
  const last = counted.at(-1);
  const isAlike =
    last?.recordedAt === recordedAt && last.operation === operation && last.actor === actor && last.entity === entity;
  if (isAlike) last.entries += 1;
  else counted.push({ entity, operation, recordedAt, actor, entries: 1 });
}

function toRow({ before, after, fields, context, ...entry }: NewEntry): EntryRow {
  return {
    ...entry,
    before: before && JSON.stringify(before),
    after: after && JSON.stringify(after),
    fields: JSON.stringify(fields),
    context: context === null ? null : toContextRecord(context),
  };
}

function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
