import type { DataSource, EntityManager } from 'typeorm';
import type { AuditEntry } from '../../src/index';
import type { ColumnMaps } from '../../src/testing/oracle/column-map';
import type { Snapshot } from '../../src/testing/oracle/snapshot';
import type { ChangeCounts } from '../../src/testing/oracle/true-changes';

/** Where a program runs: a DataSource under audit, or one without the library. */
export interface Stage {
  readonly dataSource: DataSource;
  /** False where one flow's transaction would take in the statements of others, so that they run one by one. */
  readonly isAudited: boolean;
  /** A pool: each transaction has a connection of its own, and the server may end one, as the victim of a deadlock. */
  readonly isServer: boolean;
  /** Records a business event, where there is a trail. */
  record(name: string, manager: EntityManager): Promise<void>;
  flush(): Promise<void>;
  /** Rows to start from. @returns the tables as they are then */
  prepare(flows: number): Promise<Snapshot>;
  snapshot(): Promise<Snapshot>;
  close(): Promise<void>;
}

export interface AuditedStage extends Stage {
  /** What the library had to say to an operator: a drain that failed. */
  readonly warnings: readonly string[];
  /** Entries since `prepare`, in the order of the log, nothing masked. */
  recorded(): Promise<{ entries: AuditEntry[]; maps: ColumnMaps; pending: number }>;
  /** Who still waits for a connection when nobody works any more. */
  waiting(): Promise<number>;
}

export interface StockStage extends Stage {
  /** Changes of rows since `prepare`; undefined where triggers that count them would be in the way. */
  counted(): ChangeCounts | undefined;
}
