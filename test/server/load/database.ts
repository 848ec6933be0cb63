import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { createDataSource } from 'typeorm-audit-trail';
import type { Random } from '../../crash/random';

/** A database of its own on a server, and a connection beside it that may kill those to it. */
export class OwnDatabase {
  private constructor(
    readonly url: string,
    private readonly name: string,
    private readonly administration: DataSource,
  ) {}

  /** @param serverUrl of a user who may create databases */
  static async create(serverUrl: string): Promise<OwnDatabase> {
    const administration = await plain(serverUrl).initialize();
    const name = `audit_load_${process.pid}_${randomBytes(4).toString('hex')}`;
    await administration.query(`CREATE DATABASE [${name}]`);
    const url = new URL(serverUrl);
    url.pathname = `/${name}`;
    return new OwnDatabase(url.href, name, administration);
  }

  /** Kills some of the sessions in this database. @returns how many */
  async killSome(random: Random): Promise<number> {
    const sessions = await this.administration.query<{ id: number }[]>(
      'SELECT session_id AS id FROM sys.dm_exec_sessions WHERE database_id = DB_ID(@0)',
      [this.name],
    );
    const chosen = sessions.filter(({ id }) => id !== null && random.chance(0.3));
    for (const { id } of chosen) {
      // It may have ended by itself.
      await this.administration.query(`KILL ${id}`).catch(() => undefined);
    }
    return chosen.length;
  }

  /** Without this library. */
  async withPlain<T>(use: (dataSource: DataSource) => Promise<T>): Promise<T> {
    const dataSource = await plain(this.url).initialize();
    try {
      return await use(dataSource);
    } finally {
      await dataSource.destroy();
    }
  }

  /** A server learns of a closed connection a little later than its client. */
  async drop(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.administration.query(`DROP DATABASE [${this.name}]`);
        break;
      } catch (error) {
        if (attempt === 100) throw error;
        await sleep(100);
      }
    }
    await this.administration.destroy();
  }
}

/** The options of the library, and nothing else of it. */
function plain(url: string): DataSource {
  const { options } = createDataSource(url, { connection: { maxConnections: 2 } });
  return new DataSource(options);
}
