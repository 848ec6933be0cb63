import type { DataSourceOptions } from 'typeorm';
import type { ResolvedConnection } from '../connection-options';
import type { ServerDatabaseUrl } from '../url';
import { type AgingConnection, retireAfter } from './connection-age';
import { type DriverConnection, guardHandshake } from './handshake';

/** TypeORM's options for a server, where dates are UTC. */
export function serverOptionsOf(url: ServerDatabaseUrl, connection: ResolvedConnection): DataSourceOptions {
  const { host, port, database, username, password, encrypt, trustServerCertificate } = url;
  const { minConnections, maxConnections, acquireTimeoutMs, connectTimeoutMs, statementTimeoutMs } = connection;
  return {
    type: 'mssql',
    host,
    port,
    database,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(connection.authentication && { authentication: connection.authentication }),
    connectionTimeout: connectTimeoutMs,
    requestTimeout: statementTimeoutMs,
    pool: { min: minConnections, max: maxConnections, acquireTimeoutMillis: acquireTimeoutMs },
    extra: {
      // By default the driver asks `SELECT 1` each time it lends a connection: a round trip more for each statement.
      validateConnection: 'socket',
      beforeConnect: (made: DriverConnection & AgingConnection) => {
        guardHandshake(made);
        retireAfter(made, connection.connectionLifetimeMs);
      },
    },
    options: { encrypt, trustServerCertificate, useUTC: true },
  };
}
