import { InvalidDatabaseUrlError } from '../errors';
import type { FilePackage } from './sqlite/choose-package';

/** A database URL in parts; `options` are those of the TypeORM DataSource it stands for. */
export type DatabaseUrl = FileDatabaseUrl | ServerDatabaseUrl;

export interface FileDatabaseUrl {
  dialect: 'sqlite';
  /** Path of the file as the URL has it, or `:memory:`. */
  database: string;
  /** The package that is to open the file; undefined for the one that is installed. */
  driver: FilePackage | undefined;
  /** All parameters of the URL. */
  parameters: Record<string, string>;
}

export interface ServerDatabaseUrl {
  dialect: 'mssql';
  host: string;
  port: number;
  database: string;
  username: string | undefined;
  password: string | undefined;
  /** TLS is on unless the URL says `encrypt=false`. */
  encrypt: boolean;
  /** Only where the URL asks for it. */
  trustServerCertificate: boolean;
  parameters: Record<string, string>;
}

/**
 * Understands `sqlite:./file.sqlite`, `sqlite::memory:`, `mssql://user:password@host:1433/database?encrypt=true`, and the
 * forms of Python deployments, `sqlite:///./file.db` and `mssql+pyodbc://user:password@host/database?driver=…`.
 * `?driver=better-sqlite3` or `?driver=sqlite3` names the package that opens a file.
 * @throws InvalidDatabaseUrlError, which never repeats a password
 */
export function parseDatabaseUrl(url: string): DatabaseUrl {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === 'sqlite' || scheme?.startsWith('sqlite+')) return parseFileUrl(url.slice(scheme.length + 1), url);
  if (scheme === 'mssql' || scheme === 'sqlserver' || scheme?.startsWith('mssql+')) return parseServerUrl(url, scheme);
  throw new InvalidDatabaseUrlError(`"${redactUrl(url)}" is no database URL that is understood.`, {
    value: redactUrl(url),
  });
}

/** The URL without its password, for messages and logs. A file has none, whatever its path looks like. */
export function redactUrl(url: string): string {
  if (/^sqlite[+:]/i.test(url)) return url;
  // Up to the last @: an unescaped slash in a password is just when a URL can't be parsed.
  return url.replace(/(\/\/[^/?#:@]*:).*(?=@)/s, '$1***');
}

/**
 * After `sqlite:` comes a path. With slashes in front it is a URL's: two begin an (empty) host, so `///x` is the
 * relative path `x` and `////x` the absolute path `/x`, as SQLAlchemy has it.
 */
function parseFileUrl(rest: string, url: string): FileDatabaseUrl {
  const question = rest.indexOf('?');
  const path = question < 0 ? rest : rest.slice(0, question);
  const parameters = Object.fromEntries(new URLSearchParams(question < 0 ? '' : rest.slice(question + 1)));
  const withoutHost = path.startsWith('///') ? path.slice(3) : path === '//' ? '' : path;
  if (withoutHost.startsWith('//')) {
    throw new InvalidDatabaseUrlError(
      'A SQLite URL has no host: write sqlite:./file.sqlite or sqlite:///file.sqlite.',
      { value: url },
    );
  }
  const driver = driverIn(parameters);
  const database = decode(withoutHost, url);
  // SQLAlchemy's sqlite:// is a database in memory.
  if (database === '' && path === '//') return { dialect: 'sqlite', database: ':memory:', driver, parameters };
  if (database === '') throw new InvalidDatabaseUrlError('The SQLite URL names no file.', { value: url });
  return { dialect: 'sqlite', database, driver, parameters };
}

/** `?driver=`, with which a deployment says which package it means; what it can't have must not be taken for another. */
function driverIn({ driver }: Record<string, string>): FileDatabaseUrl['driver'] {
  if (driver === undefined || driver === 'better-sqlite3' || driver === 'sqlite3') return driver;
  throw new InvalidDatabaseUrlError(
    `?driver=${driver} names no driver of SQLite: write ?driver=better-sqlite3 or ?driver=sqlite3.`,
    { value: driver },
  );
}

function parseServerUrl(url: string, scheme: string): ServerDatabaseUrl {
  let parsed: URL;
  try {
    // A scheme that the URL standard does not know keeps it from normalising the host away.
    parsed = new URL(`mssql${url.slice(scheme.length)}`);
  } catch {
    // Not handed on as the cause: the parser's error holds the URL as it was, password and all.
    throw new InvalidDatabaseUrlError(`"${redactUrl(url)}" is no valid URL.`, { value: redactUrl(url) });
  }
  const parameters = Object.fromEntries(parsed.searchParams);
  const database = decode(parsed.pathname.replace(/^\//, ''), redactUrl(url));
  if (!parsed.hostname) throw new InvalidDatabaseUrlError('The URL names no host.', { value: redactUrl(url) });
  if (!database || database.includes('/')) {
    throw new InvalidDatabaseUrlError('The URL names no database: …@host:1433/database.', { value: redactUrl(url) });
  }
  return {
    dialect: 'mssql',
    host: parsed.hostname,
    port: parsed.port === '' ? 1433 : Number(parsed.port),
    database,
    username: parsed.username === '' ? undefined : decode(parsed.username, redactUrl(url)),
    password: parsed.password === '' ? undefined : decode(parsed.password, redactUrl(url)),
    encrypt: flag(parameters, 'encrypt', true),
    trustServerCertificate: flag(parameters, 'trustServerCertificate', false),
    parameters,
  };
}

/** Parameter names differ in case between drivers; ODBC writes yes and no. */
function flag(parameters: Record<string, string>, name: string, byDefault: boolean): boolean {
  const entry = Object.entries(parameters).find(([key]) => key.toLowerCase() === name.toLowerCase());
  if (!entry) return byDefault;
  const value = entry[1].toLowerCase();
  if (['true', 'yes', '1', 'mandatory', 'strict'].includes(value)) return true;
  if (['false', 'no', '0', 'optional'].includes(value)) return false;
  throw new InvalidDatabaseUrlError(`${name} must be true or false, not "${entry[1]}".`, { value: entry[1] });
}

function decode(text: string, url: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new InvalidDatabaseUrlError('The URL has a broken percent-encoding.', { value: url, cause });
  }
}
