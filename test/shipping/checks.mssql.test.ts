import { describe } from 'vitest';
import { behindTheBack } from '../baseline/fill';
import { temporaryFile } from '../support/databases';
import { freshDatabase, stockOnServer } from '../support/mssql';
import { checksSuite } from './checks-suite';

describe('checks of an application in a file whose audit database is on a server', () => {
  checksSuite({
    application() {
      const file = temporaryFile();
      const change = (sql: string) => Promise.resolve(behindTheBack(file, (database) => void database.exec(sql)));
      return Promise.resolve({ url: `sqlite:${file}`, behindTheBack: change });
    },
    audit: freshDatabase,
  });
});

describe('checks of an application on a server with a separate audit database', () => {
  checksSuite({
    async application() {
      const url = await freshDatabase();
      const change = async (sql: string) => {
        const other = await stockOnServer([], url);
        for (const table of ['note', 'place']) await other.query(`DISABLE TRIGGER audit_trail_${table} ON ${table}`);
        await other.query(sql);
        for (const table of ['note', 'place']) await other.query(`ENABLE TRIGGER audit_trail_${table} ON ${table}`);
        await other.destroy();
      };
      return { url, behindTheBack: change };
    },
    audit: freshDatabase,
  });
});
