import type { DataSourceOptions } from 'typeorm';
import type { ServerDatabaseUrl } from '../url';
import { guardHandshake } from './handshake';

/** Ten connections are kept, and there are up to thirty. */
const ofAnApplication = { min: 10, max: 30 };

/** TypeORM's options for a server: dates are UTC, a statement may take 30 s, and a connection 10 s to be made. */
export function serverOptionsOf(url: ServerDatabaseUrl, connections = ofAnApplication): DataSourceOptions {
  const { host, port, database, username, password, encrypt, trustServerCertificate } = url;
  return {
    type: 'mssql',
    host,
    port,
    database,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    connectionTimeout: 10_000,
    requestTimeout: 30_000,
    // Who waits longer for a connection fails.
    pool: { ...connections, acquireTimeoutMillis: 30_000 },
    // By default the driver asks `SELECT 1` each time it lends a connection: a round trip more for each statement.
    extra: { validateConnection: 'socket', beforeConnect: guardHandshake },
    options: { encrypt, trustServerCertificate, useUTC: true },
  };
}
