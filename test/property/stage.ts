import type { DataSource, EntityManager } from 'typeorm';

/** Where a program runs: a DataSource under audit, or one without the library. */
export interface Stage {
  readonly dataSource: DataSource;
  /** False where one flow's transaction would take in the statements of others, so that they run one by one. */
  readonly isAudited: boolean;
  /** Records a business event, where there is a trail. */
  record(name: string, manager: EntityManager): Promise<void>;
  flush(): Promise<void>;
}
