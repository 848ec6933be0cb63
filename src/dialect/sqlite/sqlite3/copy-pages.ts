import type { Sqlite3Database } from './package';
import { called } from './statements';

/** Copies a main database to a file or, where that is not the destination, the file over it: page by page, row ids and all. */
export async function copyPages(database: Sqlite3Database, file: string, toFile: boolean): Promise<void> {
  const backup = await new Promise<ReturnType<Sqlite3Database['backup']>>((resolve, reject) => {
    const made = database.backup(file, 'main', 'main', toFile, (error) => (error ? reject(error) : resolve(made)));
  });
  await called((done) => backup.step(-1, done));
  await called((done) => backup.finish(done));
}
