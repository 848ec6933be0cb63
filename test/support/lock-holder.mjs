// Holds the write lock of a database file, and lets go when told to.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const statements = open(process.argv[2]);
await statements('BEGIN IMMEDIATE');
process.send('locked');
process.on('message', async () => {
  await statements('COMMIT');
  process.exit(0);
});

/** Through the package that is installed. */
function open(file) {
  try {
    const database = new (require('better-sqlite3'))(file);
    return (sql) => database.exec(sql);
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    const database = new (require('sqlite3').Database)(file);
    return (sql) => new Promise((done, failed) => database.exec(sql, (error) => (error ? failed(error) : done())));
  }
}
