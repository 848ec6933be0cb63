/** What is touched of a connection of tedious. */
export interface AgingConnection {
  /** Read by the pool of mssql, which lends no connection that has one. */
  hasError?: boolean;
  on(event: 'end', listener: () => void): void;
}

/** The share of its time by which a connection may go earlier, so that those made together do not go together. */
const spread = 0.1;

/** Makes the pool replace a connection once it is so old: the next time that it would be lent, never while it is in use. */
export function retireAfter(connection: AgingConnection, lifetimeMs: number): void {
  const timer = setTimeout(
    () => (connection.hasError = true),
    Math.round(lifetimeMs * (1 - Math.random() * spread)),
  ).unref();
  connection.on('end', () => clearTimeout(timer));
}
