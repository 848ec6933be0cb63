/** TypeORM 0.3 drives the package sqlite3 too, as DataSources of type "sqlite"; 1.x no longer does. */
export const withoutSqlite3 =
  'There is no audit trail over the package sqlite3, whose statements do not run at once. The file needs no change for ' +
  'better-sqlite3, which every TypeORM from 0.3.30 on drives: use a DataSource of type "better-sqlite3", and in one process ' +
  "no sqlite3 beside it on the same file, because two builds of SQLite in a process drop each other's locks.";
