import type { EntityManager, EntityMetadata } from 'typeorm';
import type { PortableEntry } from './model/portable-entry';
import type { QueryAnswer, QueryArgument, QueryName } from './readers/trail-queries';
import type {
  AuditEvent,
  AuditStats,
  BaselineReport,
  CheckOptions,
  DoctorOptions,
  DoctorReport,
  Moment,
  RevertReport,
  TrailDescription,
  UnrestorableColumn,
} from './reports';
import type { RowKey } from './rows/row-log';
import type { DeliveredLog } from './store/delivered-images';
import type { RecordedImage } from './store/entry-reader';

/** A trail whose log waits in the application's database to be delivered to another. */
export interface LocalTrail extends TrailParts {
  /** @param delivered what the other database has of the log */
  baseline(options: CheckOptions, delivered?: DeliveredLog): Promise<BaselineReport>;
  doctor(options: DoctorOptions, delivered?: DeliveredLog): Promise<DoctorReport>;
  /** Takes away entries that the other database has. */
  removeDelivered(ids: readonly number[]): Promise<void>;
  /** Runs `fn` in a transaction in which entries that were delivered from here are back in the log. */
  withDelivered<T>(
    entries: readonly PortableEntry[],
    manager: EntityManager,
    fn: (manager: EntityManager) => Promise<T>,
  ): Promise<T>;
}

/** What such a trail tells the one who delivers. */
export interface ShippingHooks {
  /** Entries have come to the log. */
  onEntries(): void;
  /** A transaction is about to write: as `DeferredDrain.beforeWriting`. */
  beforeWriting(): Promise<void> | undefined;
  /** No more will come. Deliver for at most so long, and stop. */
  stop(timeoutMs: number): Promise<void>;
}

/** What a trail is made of, by the way its database is written: into an outbox that is drained, or at once. */
export interface TrailParts {
  /** Milliseconds since 1970: what was recorded before has committed, or never will. */
  readonly settledUpTo: number;
  /** Asks what the trail knows. */
  ask<Name extends QueryName>(name: Name, argument: QueryArgument<Name>): Promise<QueryAnswer<Name>>;
  stats(): Promise<AuditStats>;
  /** Turns what is pending into entries. @returns how many. @throws TransactionHeldError */
  flush(): Promise<number>;
  /** Makes entries of all that has committed, where they are not made at once. @throws TransactionHeldError */
  catchUp(): Promise<unknown>;
  record(event: AuditEvent, manager: EntityManager): Promise<void>;
  /** A row as the log names it. @param id the value of its key, or an object of the key's properties */
  rowKey(metadata: EntityMetadata, id: unknown): Promise<RowKey>;
  /** The columns that the trail can't give back of a recorded image. */
  unrestorable(key: RowKey, recorded: RecordedImage): Promise<UnrestorableColumn[]>;
  revert(key: RowKey, at: Moment, manager: EntityManager): Promise<RevertReport>;
  baseline(options: CheckOptions): Promise<BaselineReport>;
  doctor(options: DoctorOptions): Promise<DoctorReport>;
  describe(): TrailDescription;
  /** Ends what runs in the background, after a drain of at most so long; by default as the options say. */
  close(drainTimeoutMs: number | undefined): Promise<void>;
}
