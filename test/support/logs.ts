import type { DataSource } from 'typeorm';
import { instrumentationOf } from '../../src/capture/instrument';
import type { Engine } from '../../src/dialect/engine';
import { sqliteStoreSql } from '../../src/dialect/sqlite/store-sql';
import { EntryDigest, entryText, type PortableEntry } from '../../src/model/portable-entry';
import { EntryImport } from '../../src/store/entry-import';
import { EntryWriter } from '../../src/store/entry-writer';
import type { ImportResult, Places } from '../../src/store/import-plan';
import { type BlockLimits, connectionTo, PortableReader } from '../../src/store/portable-rows';

export function engineOf(dataSource: DataSource): Engine {
  return instrumentationOf(dataSource)!.capture!.engine;
}

/** The whole log of a database file, drained before. */
export async function readLog(
  dataSource: DataSource,
  limits: BlockLimits = { entries: 1000, bytes: Infinity },
): Promise<PortableEntry[]> {
  const reader = new PortableReader(sqliteStoreSql, connectionTo(engineOf(dataSource)));
  return readAll(reader, limits);
}

export async function readAll(reader: PortableReader, limits: BlockLimits): Promise<PortableEntry[]> {
  const entries: PortableEntry[] = [];
  for (;;) {
    const block = await reader.next(entries.at(-1)?.id ?? 0, limits);
    if (block.length === 0) return entries;
    entries.push(...block);
  }
}

export function digestOf(entries: readonly PortableEntry[]): string {
  const digest = new EntryDigest();
  for (const entry of entries) digest.add(entryText(entry));
  return digest.value();
}

/** Takes entries into the log of a database file, in one transaction. */
export function importInto(dataSource: DataSource, entries: readonly PortableEntry[], places: Places): ImportResult {
  const engine = engineOf(dataSource);
  engine.execute('BEGIN IMMEDIATE');
  try {
    const result = new EntryImport(sqliteStoreSql, new EntryWriter(sqliteStoreSql, 50)).write(engine, entries, places);
    engine.execute('COMMIT');
    return result;
  } catch (error) {
    engine.execute('ROLLBACK');
    throw error;
  }
}
