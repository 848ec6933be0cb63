import { createHash } from 'node:crypto';
import type { Engine } from '../dialect/engine';
import type { StoreSql } from '../dialect/store-sql';
import type { PortableContext, PortableEntry } from '../model/portable-entry';
import type { EntryWriter } from './entry-writer';
import { identityRanges, type ImportResult, newEntries, type Places } from './import-plan';
import { MapNumbers, mapPrefix } from './map-numbers';
import type { ContextRecord } from './pending-context';
import { PortableRows } from './portable-rows';
import type { Countable } from './rollup';

/** Entries of one statement. */
const entriesAStatement = 8;

/** Takes entries of other databases into a log, in the transaction of the caller. */
export class EntryImport {
  constructor(
    private readonly sql: StoreSql,
    private readonly writer: EntryWriter,
  ) {}

  /**
   * Entries that are there already are left as they are.
   * @param entries in the order of their log
   * @throws LogConflictError where one is there with another content
   */
  write(engine: Engine, entries: readonly PortableEntry[], places: Places): ImportResult {
    const ownLog = engine.scalar(this.sql.selectMeta, ['log_id']) as string;
    const fresh = newEntries(entries, this.there(engine, entries, ownLog));
    if (fresh.length > 0) this.insert(engine, fresh, ownLog, places);
    return { imported: fresh.length, known: entries.length - fresh.length };
  }

  /** Entries that have an identity of these. */
  private there(engine: Engine, entries: readonly PortableEntry[], ownLog: string): PortableEntry[] {
    const rows = identityRanges(entries).flatMap(({ logId, first, last }) => {
      const [scope, values] =
        logId === ownLog ? (['own', [first, last]] as const) : (['foreign', [logId, first, last]] as const);
      return engine.execute(this.sql.selectPortable(scope), values).rows as Record<string, unknown>[];
    });
    if (rows.length === 0) return [];
    const portable = new PortableRows();
    portable.addMaps(this.maps(engine));
    return portable.entries(rows);
  }

  private insert(engine: Engine, entries: readonly PortableEntry[], ownLog: string, places: Places): void {
    const numbers = this.mapNumbers(engine, entries);
    const contexts = new Map<PortableContext, ContextRecord>();
    for (const { context } of entries) if (context) contexts.set(context, toRecord(context));
    const byDigest = new Map([...contexts.values()].map((record) => [record.digest, record]));
    const contextIds = this.writer.writeContexts(engine, [...byDigest.values()]);
    let highest = Number(engine.scalar(this.sql.selectHighestId));
    const counted: Countable[] = [];
    const rows = entries.map((entry) => {
      const isOwn = entry.logId === ownLog;
      const id = isOwn ? entry.seq : places === 'keep' ? Math.max(entry.id, highest + 1) : highest + 1;
      highest = Math.max(highest, id);
      const { context, entity, operation, recordedAt } = entry;
      counted.push({ id, entity, operation, recordedAt, actor: context?.actor ?? null, entries: 1 });
      const identity = isOwn ? [id, null, null] : [id, entry.logId, entry.seq];
      const contextId = context ? contextIds.get(contexts.get(context)!.digest)! : null;
      return [...identity, ...valuesOf(entry, contextId, numbers.of(entry.map)!)];
    });
    for (let start = 0; start < rows.length; start += entriesAStatement) {
      const part = rows.slice(start, start + entriesAStatement);
      engine.execute(this.sql.importEntries(part.length), part.flat());
    }
    this.writer.count(engine, counted);
  }

  private mapNumbers(engine: Engine, entries: readonly PortableEntry[]): MapNumbers {
    const numbers = new MapNumbers(this.maps(engine));
    for (const text of numbers.missing(entries.map(({ map }) => map))) {
      engine.execute(this.sql.insertMeta, numbers.add(text));
    }
    return numbers;
  }

  private maps(engine: Engine): Record<string, unknown>[] {
    return engine.execute(this.sql.selectMetaLike, [`${mapPrefix}%`]).rows as Record<string, unknown>[];
  }
}

/** In the order of `entryColumns`. */
export function valuesOf(entry: PortableEntry, contextId: number | string | null, schemaVersion: number): unknown[] {
  const { transactionId, entity, table, entityId, operation, before, after, fields, context } = entry;
  const row = [transactionId, entity, table, entityId, operation, before, after, fields];
  const found = [context?.actor ?? null, context?.correlationId ?? null, contextId];
  return [...row, ...found, schemaVersion, entry.recordedAt, entry.movedFrom];
}

function toRecord(context: PortableContext): ContextRecord {
  return { digest: contextDigest(context), ...context };
}

/** The same for the same context. */
export function contextDigest({ actor, reason, correlationId, source, metadata }: PortableContext): string {
  const text = JSON.stringify([actor, reason, correlationId, source, metadata]);
  return createHash('sha256').update(text).digest('base64url');
}
