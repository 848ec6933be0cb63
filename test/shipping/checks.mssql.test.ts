import { describe } from 'vitest';
import { freshDatabase, stockOnServer } from '../support/mssql';
import { checksSuite, inFile } from './checks-suite';

describe('checks of an application in a file whose audit database is on a server', () => {
  checksSuite({
    application: inFile,
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
