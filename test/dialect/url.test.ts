import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { redactUrl } from '../../src/dialect/url';
import { createDataSource, InvalidDatabaseUrlError, parseDatabaseUrl, UnsupportedDatabaseError } from '../../src/index';

describe('a database URL', () => {
  it.each([
    ['sqlite:./data/app.sqlite', './data/app.sqlite'],
    ['sqlite::memory:', ':memory:'],
    ['sqlite:/var/lib/app.sqlite', '/var/lib/app.sqlite'],
    ['sqlite:///./file.db', './file.db'],
    ['sqlite:///file.db', 'file.db'],
    ['sqlite:////var/lib/app.sqlite', '/var/lib/app.sqlite'],
    ['sqlite:///:memory:', ':memory:'],
    ['sqlite://', ':memory:'],
    ['sqlite+pysqlite:///file.db', 'file.db'],
    ['SQLite:./a%20b.sqlite?driver=better-sqlite3', './a b.sqlite'],
  ])('%s names the file %s', (url, database) => {
    expect(parseDatabaseUrl(url)).toMatchObject({ dialect: 'sqlite', database });
  });

  it.each([
    [
      'mssql://user:p%40ss@host:1444/db?encrypt=true&trustServerCertificate=false',
      {
        host: 'host',
        port: 1444,
        database: 'db',
        username: 'user',
        password: 'p@ss',
        encrypt: true,
        trustServerCertificate: false,
      },
    ],
    [
      'mssql://host/db',
      { port: 1433, username: undefined, password: undefined, encrypt: true, trustServerCertificate: false },
    ],
    [
      'mssql+pyodbc://user:pass@host/db?driver=ODBC+Driver+18+for+SQL+Server&TrustServerCertificate=yes&Encrypt=no',
      {
        host: 'host',
        encrypt: false,
        trustServerCertificate: true,
        parameters: { driver: 'ODBC Driver 18 for SQL Server' },
      },
    ],
    ['mssql://sa@[::1]:1433/db', { host: '[::1]', username: 'sa' }],
  ])('%s', (url, parts) => {
    expect(parseDatabaseUrl(url)).toMatchObject({ dialect: 'mssql', ...parts });
  });

  it.each([
    '',
    'file.db',
    'postgres://user:secret@host/db',
    'sqlite:',
    'sqlite://host/file.db',
    'sqlite:./%zz',
    'mssql://user:secret@host',
    'mssql://user:secret@/db',
    'mssql://user:secret@host:99999/db',
    'mssql://user:secret@host/db?encrypt=perhaps',
    'mssql://user:top/secret@host/db',
    'mssql://user:top?secret@host:1/db',
    'mssql://user:top#secret@host/db',
  ])('"%s" is refused, without a password in the message', (url) => {
    const parse = () => parseDatabaseUrl(url);
    expect(parse).toThrow(InvalidDatabaseUrlError);
    try {
      parse();
    } catch (error) {
      expect(inspect(error, { depth: 5 })).not.toContain('secret');
    }
  });

  it('shows its password to nobody', () => {
    expect(redactUrl('mssql://user:secret@host/db')).toBe('mssql://user:***@host/db');
    expect(redactUrl('sqlite:./file')).toBe('sqlite:./file');
  });

  it('of a server makes a DataSource that keeps dates in UTC', () => {
    const { options } = createDataSource('mssql://user:secret@host:1434/db?encrypt=false');
    expect(options).toMatchObject({
      type: 'mssql',
      host: 'host',
      port: 1434,
      database: 'db',
      options: { encrypt: false, trustServerCertificate: false, useUTC: true },
      pool: { min: 10, max: 30, acquireTimeoutMillis: 30_000 },
    });
  });

  it('may name the driver of a file, and is taken for no other', () => {
    expect(createDataSource('sqlite:./a.sqlite?driver=better-sqlite3').options).toMatchObject({
      type: 'better-sqlite3',
      database: './a.sqlite',
    });
    expect(parseDatabaseUrl('sqlite:./a.sqlite?driver=sqlite3')).toMatchObject({ driver: 'sqlite3' });
    // The TypeORM of the checkout has no driver for it.
    expect(() => createDataSource('sqlite:./a.sqlite?driver=sqlite3')).toThrow(UnsupportedDatabaseError);
    expect(() => createDataSource('sqlite:./a.sqlite?driver=sqljs')).toThrow(InvalidDatabaseUrlError);
  });
});
