import type { PortableEntry } from '../model/portable-entry';
import type { RecordedNames } from '../model/recorded-names';
import type { ResolvedOptions } from '../options';
import type { QueryAnswer, QueryArgument, QueryName } from '../readers/trail-queries';

export const noTables = 'The audit tables are not there in the audit database.';

/** The log of an audit database that is open. */
export interface OpenLog {
  /** As `stats().databaseType`. */
  readonly databaseType: string;
  readonly logId: string;
  /** In one transaction; entries that are there already are passed over. @throws LogConflictError */
  deliver(entries: readonly PortableEntry[]): Promise<void>;
  ask<Name extends QueryName>(name: Name, argument: QueryArgument<Name>): Promise<QueryAnswer<Name>>;
  close(): Promise<void>;
}

/** How a log is opened, and shown. */
export interface LogOptions {
  url: string;
  /** Names of the application's entities, under which it is shown. */
  names: RecordedNames;
  options: Pick<ResolvedOptions, 'migrate' | 'lockTimeoutMs' | 'readers' | 'poolSize' | 'readTimeoutMs'>;
  warn: (message: string) => void;
}
