import type { DataSource, DataSourceOptions } from 'typeorm';
import type { Dialect } from './dialect';
import type { Engine } from './engine';
import type { ServerDialect } from './server-dialect';

/** Who else has a database open, and what can't be known about it; a sentence each. */
export interface Company {
  others: readonly string[];
  doubts: readonly string[];
}

/** Bytes that a database takes, and that there are left for it. */
export interface Space {
  used: number;
  free: number;
}

/** A DataSource of TypeORM's own make, without capture: nothing that is written through it is recorded. */
export type AloneDatabase =
  | { kind: 'outbox'; dataSource: DataSource; dialect: Dialect; engine: Engine; company: Company; space(): Space }
  | { kind: 'server'; dataSource: DataSource; dialect: ServerDialect; company: Company };

/** What TypeORM is to know beside the URL. */
export type AloneOptions = Partial<Pick<DataSourceOptions, 'entities' | 'namingStrategy' | 'entityPrefix'>>;
