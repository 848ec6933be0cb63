import type { Engine, StatementResult } from './engine';
import type { ServerConnection, ServerRow, ServerStatement } from './server-dialect';

/** Thrown by a query that needs an answer which is not there yet. When `find` is done the query is run from its start. */
export class Unanswered extends Error {
  constructor(readonly find: () => Promise<unknown>) {
    super('this question has no answer yet');
  }
}

/** Runs a query that reads again and again until it has all its answers. What it makes of them must depend on them alone. */
export async function untilAnswered<T>(query: () => T): Promise<T> {
  for (;;) {
    try {
      return query();
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      await error.find();
    }
  }
}

/**
 * Runs a query that reads, written for a connection whose statements answer at once, over one whose answers come later.
 * A statement that is asked again has the same answer.
 */
export async function runReplayed<T>(query: (engine: Engine) => T, connection: ServerConnection): Promise<T> {
  const answers = new Map<string, ServerRow[]>();
  const ahead = new Map<string, ServerStatement>();
  const keyOf = (sql: string, parameters: readonly unknown[]) => JSON.stringify([sql, parameters]);
  const find = async (): Promise<void> => {
    const [keys, statements] = [[...ahead.keys()], [...ahead.values()]];
    ahead.clear();
    const found = await queryAll(connection, statements);
    keys.forEach((key, place) => answers.set(key, found[place]!));
  };
  const rowsOf = (sql: string, parameters: readonly unknown[] = []): ServerRow[] => {
    const key = keyOf(sql, parameters);
    const rows = answers.get(key);
    if (!rows) {
      ahead.set(key, { sql, parameters });
      throw new Unanswered(find);
    }
    // A copy: the query may change what it gets.
    return rows.map((row) => ({ ...row }));
  };
  // Reading takes these of an engine.
  const engine = {
    execute: (sql, parameters): StatementResult => ({ rows: rowsOf(sql, parameters), changes: 0, lastInsertId: 0 }),
    executeAhead(sql, parameters = []) {
      const key = keyOf(sql, parameters);
      if (!answers.has(key)) ahead.set(key, { sql, parameters });
      return () => engine.execute(sql, parameters);
    },
    scalar: (sql, parameters) => Object.values(rowsOf(sql, parameters)[0] ?? {})[0],
    // By their names where these are numbers, else in the order of the statement.
    selectStored(sql, parameters, goOn) {
      const rows = rowsOf(sql, parameters).map((row) => Object.values(row));
      const last = rows.findIndex((row) => !goOn(row));
      return last < 0 ? rows : rows.slice(0, last + 1);
    },
  } as Pick<Engine, 'execute' | 'executeAhead' | 'scalar' | 'selectStored'> as Engine;
  return untilAnswered(() => query(engine));
}

/** In one round trip where there can be one, else one after the other. */
async function queryAll(connection: ServerConnection, statements: readonly ServerStatement[]): Promise<ServerRow[][]> {
  if (connection.queryAll && statements.length > 1) return connection.queryAll(statements);
  const found: ServerRow[][] = [];
  for (const { sql, parameters } of statements) found.push(await connection.query(sql, parameters));
  return found;
}
