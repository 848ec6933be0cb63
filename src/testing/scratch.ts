import type { DataSource, EntityMetadata } from 'typeorm';
import { type AuditEntry, AuditTrail } from '../index';
import { ConformanceError } from './conformance-error';
import type { ConformanceOptions, DataSourceFactory } from './conformance-options';
import { type ColumnMaps, toColumnMaps } from './oracle/column-map';
import { type HiddenColumns, hiddenColumns } from './oracle/hidden-columns';
import { readEntries } from './read-trail';
import { Sampler } from './sample/sampler';
import { isServer } from './mssql/witness';
import { serverKinds } from './mssql/table-sql';
import type { Witness } from './oracle/witness';
import { witnessOf } from './witness-of';

/** A database that the factory made, with the trail on it and the witness beside it. */
export class Scratch {
  private constructor(
    readonly dataSource: DataSource,
    readonly trail: AuditTrail,
    readonly witness: Witness,
    readonly entities: readonly EntityMetadata[],
    readonly notCaptured: readonly { table: string; reason: string }[],
    readonly hidden: HiddenColumns,
    readonly sampler: Sampler,
  ) {}

  /** @throws ConformanceError where the database can't be used */
  static async open(factory: DataSourceFactory, options: ConformanceOptions): Promise<Scratch> {
    const dataSource = await factory();
    try {
      return await Scratch.prepare(dataSource, options);
    } catch (error) {
      if (dataSource?.isInitialized) await dataSource.destroy();
      throw error;
    }
  }

  private static async prepare(dataSource: DataSource, options: ConformanceOptions): Promise<Scratch> {
    if (typeof dataSource?.getMetadata !== 'function')
      throw new ConformanceError('The factory must give a DataSource of TypeORM, or a promise of one.');
    const trail = await AuditTrail.attach(dataSource);
    const { tables, notCaptured } = (await trail.stats()).capture;
    const left = new Set(notCaptured.map(({ table }) => table.toLowerCase()));
    const captured = dataSource.entityMetadatas.filter(
      ({ tableType, tablePath }) => tableType !== 'view' && !left.has(tablePath.toLowerCase()),
    );
    // Without the schema of tables that name none, as the trail has them.
    const own = `${dataSource.driver.schema ?? ''}.`;
    const paths = captured.map(({ tablePath }) =>
      tablePath.startsWith(own) ? tablePath.slice(own.length) : tablePath,
    );
    const wanted = new Set([...paths, ...tables]);
    const witness = await witnessOf(dataSource, [...wanted]);
    const there = new Set(witness.tableNames().map((name) => name.toLowerCase()));
    const missing = [...wanted].filter((name) => !there.has(name.toLowerCase()));
    if (missing.length > 0) {
      throw new ConformanceError(
        `The database that the factory made has no table ${missing.join(', ')}. Let the factory make the tables: synchronize: true, or migrationsRun: true.`,
      );
    }
    const filled = (await witness.countRows()).filter(({ rows }) => rows > 0);
    if (filled.length > 0 && !options.allowExistingRows) {
      throw new ConformanceError(
        `The database that the factory made holds rows: ${filled.map(({ table, rows }) => `${table} (${rows})`).join(', ')}. The suite changes and deletes rows, so give it a scratch database, a new one on each call; or, where these rows may go, { allowExistingRows: true }.`,
      );
    }
    const hidden = hiddenColumns(dataSource.entityMetadatas);
    // Behind whatever numbers the rows have that are there.
    const serial = filled.length > 0 ? Math.floor(Date.now() / 1000) % 1_000_000_000 : 0;
    const sampler = new Sampler(dataSource, options.samples ?? {}, hidden, serial);
    const entities = captured.filter(({ tableType }) => !/junction/.test(tableType));
    return new Scratch(dataSource, trail, witness, entities, notCaptured, hidden, sampler);
  }

  async maps(): Promise<ColumnMaps> {
    return toColumnMaps(
      await this.dataSource.query<{ name: string; value: string }[]>('SELECT name, value FROM audit_meta'),
      isServer(this.dataSource) ? serverKinds : {},
    );
  }

  /** Entries behind an id, in the order of the log, nothing masked, after a drain. */
  async entriesAfter(id: number): Promise<{ entries: AuditEntry[]; maps: ColumnMaps }> {
    await this.trail.flush();
    const maps = await this.maps();
    return { entries: await readEntries(this.trail, maps, id), maps };
  }

  async newestEntry(): Promise<number> {
    await this.trail.flush();
    const { entries } = await this.trail.recent({ limit: 1 });
    return entries[0]?.id ?? 0;
  }

  /** Why a path can't be tried here, whatever the entity says. */
  obstacleOf({ tableName }: EntityMetadata, path: string): string | undefined {
    if (path !== 'clear()' || !isServer(this.dataSource)) return undefined;
    const keys = this.dataSource.entityMetadatas.flatMap(({ foreignKeys }) => foreignKeys);
    const isReferred = keys.some(({ referencedEntityMetadata }) => referencedEntityMetadata.tableName === tableName);
    return isReferred ? 'TRUNCATE is refused for a table that others refer to' : undefined;
  }

  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}
