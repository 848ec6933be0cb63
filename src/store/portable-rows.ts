import type { Engine } from '../dialect/engine';
import type { ReadSql } from '../dialect/store-sql';
import type { PortableEntry } from '../model/portable-entry';
import type { TableMap } from '../model/table-map';
import { TriggerImage, triggerCodec } from '../model/trigger-image';
import { mapPrefix, mapTexts } from './map-numbers';

type Row = Record<string, unknown>;
type Text = string | null;

/** Turns rows of `selectPortable` into entries that mean the same in any database. */
export class PortableRows {
  /** JSON text of the column maps by number; maps never change. */
  private readonly maps = new Map<number, string>();
  private readonly images = new Map<number, TriggerImage>();

  /** @param rows of `selectMetaLike` for the column maps */
  addMaps(rows: readonly Row[]): void {
    for (const [number, text] of mapTexts(rows)) this.maps.set(number, text);
  }

  /** A row of a map that is not known yet: the maps are to be read again. */
  lacksMaps(rows: readonly Row[]): boolean {
    return rows.some(({ schema_version }) => Number(schema_version) > 0 && !this.maps.has(Number(schema_version)));
  }

  /** @throws Error where a column map or a context is not there: the database was tampered with */
  entries(rows: readonly Row[]): PortableEntry[] {
    return rows.map((row) => this.entry(row));
  }

  private entry(row: Row): PortableEntry {
    // Altered by somebody, or taken away by another process in this very moment.
    if (row['context_id'] !== null && row['context_there'] === null) {
      throw new Error(`The context of entry ${Number(row['id'])} is not there.`);
    }
    const number = Number(row['schema_version']);
    const image = Number(row['codec']) === triggerCodec ? this.image(number) : undefined;
    const canonical = (text: Text) => (text !== null && image ? image.toCanonical(text) : text);
    return {
      id: Number(row['id']),
      logId: row['log_id'] as string,
      seq: Number(row['seq']),
      transactionId: row['transaction_id'] as string,
      entity: row['entity'] as string,
      table: row['table_name'] as string,
      entityId: row['entity_id'] as Text,
      operation: row['operation'] as string,
      before: canonical(row['before_image'] as Text),
      after: canonical(row['after_image'] as Text),
      fields: row['changed_fields'] as Text,
      movedFrom: row['moved_from'] as Text,
      recordedAt: Number(row['recorded_at']),
      context:
        row['context_id'] === null
          ? null
          : {
              actor: row['actor'] as Text,
              reason: row['reason'] as Text,
              correlationId: row['correlation_id'] as Text,
              source: row['source'] as Text,
              metadata: row['metadata'] as Text,
            },
      map: number > 0 ? this.mapText(number) : null,
    };
  }

  private mapText(number: number): string {
    const text = this.maps.get(number);
    if (text === undefined) throw new Error(`audit_meta has no column map ${number}`);
    return text;
  }

  private image(number: number): TriggerImage {
    let image = this.images.get(number);
    if (!image) this.images.set(number, (image = new TriggerImage(JSON.parse(this.mapText(number)) as TableMap)));
    return image;
  }
}

/** Runs a statement that reads, at once or later. */
export interface LogConnection {
  query(sql: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** A connection whose statements run at once. */
export function connectionTo(engine: Engine): LogConnection {
  return { query: async (sql, parameters) => (engine.execute(sql, parameters).rows ?? []) as Row[] };
}

/** How much is read at a time: at least one entry, and beyond it at most so many and about so many bytes of images. */
export interface BlockLimits {
  entries: number;
  bytes: number;
}

/** Id of the last entry of a block; undefined where there is none. @param sizes rows of `selectSizes` */
export function endOfBlock(sizes: readonly Row[], { bytes }: BlockLimits): number | undefined {
  let last: number | undefined;
  let left = bytes;
  for (const { id, bytes: size } of sizes) {
    left -= Number(size);
    if (last !== undefined && left < 0) break;
    last = Number(id);
  }
  return last;
}

/** Reads a log from its beginning to its end, in blocks. */
export class PortableReader {
  private readonly rows = new PortableRows();

  constructor(
    private readonly sql: ReadSql,
    private readonly connection: LogConnection,
  ) {}

  /** The entries behind an id, in the order of the log; none at its end. */
  async next(afterId: number, limits: BlockLimits): Promise<PortableEntry[]> {
    const sizes = await this.connection.query(this.sql.selectSizes, [afterId, limits.entries]);
    const last = endOfBlock(sizes, limits);
    if (last === undefined) return [];
    const rows = await this.connection.query(this.sql.selectPortable('stretch'), [afterId, last]);
    if (this.rows.lacksMaps(rows)) {
      this.rows.addMaps(await this.connection.query(this.sql.selectMetaLike, [`${mapPrefix}%`]));
    }
    return this.rows.entries(rows);
  }
}
