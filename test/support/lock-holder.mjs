// Holds the write lock of a database file, and lets go when told to.
import Database from 'better-sqlite3';

const database = new Database(process.argv[2]);
database.exec('BEGIN IMMEDIATE');
process.send('locked');
process.on('message', () => {
  database.exec('COMMIT');
  database.close();
  process.exit(0);
});
