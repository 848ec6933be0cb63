import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { AloneOptions, Company } from '../alone-database';
import { resolveConnection } from '../connection-options';
import type { ServerDatabaseUrl } from '../url';
import { serverOptionsOf } from './data-source-options';
import { makeTypesPortable } from './portable-types';

type ServerOptions = Extract<DataSourceOptions, { type: 'mssql' }>;

/** Sessions of others in this database; a right is needed to see them. */
const selectSessions = `SELECT s.session_id AS id, s.program_name AS program, s.host_name AS host
  FROM sys.dm_exec_sessions s WHERE s.is_user_process = 1 AND s.database_id = DB_ID() AND s.program_name <> @0`;
/** The right is another one from SQL Server 2022 on, and in Azure SQL Database (5); a server says NULL to one that it does not know. */
const maySeeSessions = `SELECT CASE
  WHEN 1 IN (HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER STATE'), HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER PERFORMANCE STATE')) THEN 1
  WHEN CONVERT(int, SERVERPROPERTY('EngineEdition')) = 5 AND HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'VIEW DATABASE STATE') = 1 THEN 1
  ELSE 0 END AS may`;

const appPrefix = 'audit-trail ';
/** Times that sessions are looked at before they are believed. */
const patience = { ours: 20, others: 6 };
/** So many are named. */
const named = 5;

export async function openServerAlone(
  url: ServerDatabaseUrl,
  options: AloneOptions,
): Promise<{ dataSource: DataSource; company: Company }> {
  // A block may take long on a busy server; nobody waits for it but this one.
  const few = { minConnections: 0, maxConnections: 5, statementTimeoutMs: 600_000 };
  const server = serverOptionsOf(url, resolveConnection(few)) as ServerOptions;
  const appName = `${appPrefix}${randomUUID()}`;
  const dataSource = new DataSource({
    ...options,
    ...server,
    logging: false,
    options: { ...server.options, appName },
  });
  makeTypesPortable(dataSource);
  await dataSource.initialize();
  return { dataSource, company: await companyOf(dataSource, appName) };
}

async function companyOf(dataSource: DataSource, appName: string): Promise<Company> {
  const sessions = await sessionsOf(dataSource, appName);
  const [right] = await dataSource.query<{ may: number }[]>(maySeeSessions);
  const others = sessions.slice(0, named).map(({ id, program, host }) => {
    return `session ${id} of "${program.trim()}" on ${host.trim()} is connected`;
  });
  if (sessions.length > named) others.push(`and ${sessions.length - named} more`);
  const doubts =
    right?.may === 1
      ? []
      : [
          'this user lacks VIEW SERVER STATE (in Azure SQL Database VIEW DATABASE STATE), so that the sessions of others can not be seen',
        ];
  return { others, doubts };
}

interface Session {
  id: number;
  program: string;
  host: string;
}

/** A server learns a little later that a client was killed, such as an earlier run of the same command. */
async function sessionsOf(dataSource: DataSource, appName: string): Promise<Session[]> {
  for (let attempt = 1; ; attempt += 1) {
    const sessions = await dataSource.query<Session[]>(selectSessions, [appName]);
    const areAllOurs = sessions.every(({ program }) => program.startsWith(appPrefix));
    if (sessions.length === 0 || attempt >= (areAllOurs ? patience.ours : patience.others)) return sessions;
    await pause(250);
  }
}
