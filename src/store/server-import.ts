import type { QueryRunner } from 'typeorm';
import type { ServerConnection, ServerSession } from '../dialect/server-dialect';
import { canonicalCodec } from '../dialect/store-sql';
import type { PortableEntry } from '../model/portable-entry';
import { contextDigest, valuesOf } from './entry-import';
import { identityRanges, type ImportResult, newEntries, type Places } from './import-plan';
import { MapNumbers, mapPrefix } from './map-numbers';
import { PortableRows } from './portable-rows';

/** Takes entries of other databases into the log of a server. The roll-ups count them as they count all that is new. */
export class ServerImport {
  constructor(private readonly session: ServerSession) {}

  /**
   * Entries that are there already are left as they are.
   * @param queryRunner in a transaction, which is to be rolled back where this fails
   * @param entries in the order of their log
   * @throws LogConflictError where one is there with another content
   */
  async write(queryRunner: QueryRunner, entries: readonly PortableEntry[], places: Places): Promise<ImportResult> {
    const { storeSql, importSql, bulkInsert } = this.session;
    const connection = this.session.within(queryRunner);
    const [log] = await connection.query(storeSql.selectMeta, ['log_id']);
    const ownLog = String(log?.['value']);
    const fresh = newEntries(entries, await this.there(connection, entries, ownLog));
    if (fresh.length > 0) {
      const numbers = await this.mapNumbers(connection, fresh);
      const contextIds = await this.writeContexts(queryRunner, fresh);
      const ids = await this.ids(connection, fresh, ownLog, places);
      const rows = fresh.map((entry, place) => {
        const identity = entry.logId === ownLog ? [null, null] : [entry.logId, entry.seq];
        return [
          ids[place],
          ...identity,
          ...valuesOf(entry, contextIds[place]!, numbers.of(entry.map)!),
          canonicalCodec,
        ];
      });
      await bulkInsert(queryRunner, importSql.entryTable, importSql.entryColumns, rows);
      const uncounted = ids.map((id) => [id]);
      await bulkInsert(queryRunner, importSql.uncountedTable, importSql.uncountedColumns, uncounted);
    }
    return { imported: fresh.length, known: entries.length - fresh.length };
  }

  private async there(connection: ServerConnection, entries: readonly PortableEntry[], ownLog: string) {
    const { storeSql } = this.session;
    const rows: Record<string, unknown>[] = [];
    for (const { logId, first, last } of identityRanges(entries)) {
      const isOwn = logId === ownLog;
      const found = await connection.query(
        storeSql.selectPortable(isOwn ? 'own' : 'foreign'),
        isOwn ? [first, last] : [logId, first, last],
      );
      rows.push(...found);
    }
    if (rows.length === 0) return [];
    const portable = new PortableRows();
    portable.addMaps(await this.maps(connection));
    return portable.entries(rows);
  }

  private async mapNumbers(connection: ServerConnection, entries: readonly PortableEntry[]): Promise<MapNumbers> {
    const maps = entries.map(({ map }) => map);
    const known = new MapNumbers(await this.maps(connection));
    if (known.missing(maps).length === 0) return known;
    // Whoever installs triggers gives numbers as well.
    await connection.query(this.session.captureSql.lockInstallation);
    const numbers = new MapNumbers(await this.maps(connection));
    for (const text of numbers.missing(maps)) {
      await connection.query(this.session.storeSql.insertMeta, numbers.add(text));
    }
    return numbers;
  }

  private maps(connection: ServerConnection) {
    return connection.query(this.session.storeSql.selectMetaLike, [`${mapPrefix}%`]);
  }

  /** @returns the id of each entry's context, null without one */
  private async writeContexts(queryRunner: QueryRunner, entries: readonly PortableEntry[]): Promise<(string | null)[]> {
    const { importSql, bulkInsert } = this.session;
    const ids = entries.map(({ context }) => context && contextDigest(context).slice(0, 36));
    const contexts = new Map(
      entries.flatMap(({ context }, place) => (context ? [[ids[place]!, context] as const] : [])),
    );
    const list = JSON.stringify([...contexts.keys()]);
    const known =
      contexts.size > 0 ? await this.session.within(queryRunner).query(importSql.selectContextIds, [list]) : [];
    for (const { id } of known) contexts.delete(String(id));
    const rows = [...contexts].map(([id, { actor, reason, correlationId, source, metadata }]) => {
      // No transaction of the server has this number, so that no trigger takes the context for its own.
      return [id, '', actor, reason, correlationId, source, metadata, 0];
    });
    if (rows.length > 0) await bulkInsert(queryRunner, importSql.contextTable, importSql.contextColumns, rows);
    return ids;
  }

  private async ids(
    connection: ServerConnection,
    entries: readonly PortableEntry[],
    ownLog: string,
    places: Places,
  ): Promise<number[]> {
    const { importSql } = this.session;
    if (places === 'append') {
      const rows = await connection.query(importSql.selectNumbers, [JSON.stringify(entries.map(() => 0))]);
      const given = rows.map(({ id }) => Number(id)).sort((a, b) => a - b);
      return entries.map(({ logId, seq }, place) => (logId === ownLog ? seq : given[place]!));
    }
    const [row] = await connection.query(importSql.selectHighestId);
    let highest = Number(row?.['id']);
    return entries.map(({ id, logId, seq }) => {
      const place = logId === ownLog ? seq : Math.max(id, highest + 1);
      highest = Math.max(highest, place);
      return place;
    });
  }
}
