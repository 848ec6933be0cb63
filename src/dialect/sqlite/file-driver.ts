import { createRequire } from 'node:module';
import type { AloneOptions } from '../alone-database';
import type { Dialect } from '../dialect';

/** What the package that opens a file does; the SQL is the same over each. */
export interface FileDriver extends Pick<Dialect, 'engineOf' | 'adopt' | 'tune' | 'readerTarget' | 'openSideReader'> {
  readonly packageName: string;
}

/** What is done on a connection before anything else; its error ends the attempt. */
export type Prepare = (execute: (sql: string) => void) => void;

/** What both packages' DataSources are given. */
export type FileOptions = AloneOptions & { database: string; logging: false };

/** The file of a connection's main database, '' for one in memory. */
export const mainFile = `SELECT file FROM pragma_database_list WHERE name = 'main'`;

/** Path of a module that is loaded, undefined where that can't be told. */
export function moduleFileOf(loaded: unknown): string | undefined {
  const { cache } = createRequire(__filename);
  return Object.values(cache).find((module) => module?.exports === loaded)?.filename;
}
