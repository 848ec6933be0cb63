import Database from 'better-sqlite3';

/** Works on a database file as another program would, past the library. */
export function behind<T>(file: string, work: (database: Database.Database) => T): T {
  const database = new Database(file);
  try {
    return work(database);
  } finally {
    database.close();
  }
}
