import Database from 'better-sqlite3';
import { DataSource } from 'typeorm';
import type { Snapshot } from '../../src/testing/oracle/snapshot';
import { takeSnapshot } from '../conformance/sqlite-snapshot';
import { installTruthLog, readTruthLog } from '../conformance/sqlite-truth-log';
import type { ChangeCounts } from '../../src/testing/oracle/true-changes';
import { entities } from './entities';
import { seed } from './seed';
import type { StockStage } from './stage';

/** The same tables without the library, each change of a row counted by triggers of the test's own. */
export class StockDatabase implements StockStage {
  readonly isAudited = false;
  readonly isServer = false;

  private constructor(
    readonly dataSource: DataSource,
    private readonly file: string,
    private readonly beside: Database.Database,
  ) {}

  static async open(file: string): Promise<StockDatabase> {
    const dataSource = new DataSource({
      type: 'better-sqlite3',
      database: file,
      entities,
      synchronize: true,
      enableWAL: true,
    });
    await dataSource.initialize();
    installTruthLog(file);
    await dataSource.query('PRAGMA synchronous = OFF');
    // So that the rows that REPLACE deletes are counted as well; no trigger here leads to another.
    await dataSource.query('PRAGMA recursive_triggers = ON');
    const beside = new Database(file);
    beside.pragma('synchronous = OFF');
    return new StockDatabase(dataSource, file, beside);
  }

  prepare(flows: number): Promise<Snapshot> {
    seed(this.beside, flows);
    this.beside.exec('DELETE FROM truth_log');
    return this.snapshot();
  }

  snapshot(): Promise<Snapshot> {
    return Promise.resolve(takeSnapshot(this.file));
  }

  counted(): ChangeCounts {
    return readTruthLog(this.file);
  }

  async record(): Promise<void> {
    // There is no trail.
  }

  async flush(): Promise<void> {
    // There is no trail.
  }

  async close(): Promise<void> {
    this.beside.close();
    await this.dataSource.destroy();
  }
}
