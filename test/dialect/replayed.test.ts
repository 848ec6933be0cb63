import { describe, expect, it } from 'vitest';
import { runReplayed } from '../../src/dialect/replayed';

/** Stands for a server: what it was asked, and rows made of that. */
function server() {
  const asked: string[] = [];
  return {
    asked,
    async query(sql: string, parameters: readonly unknown[] = []) {
      asked.push(`${sql} ${JSON.stringify(parameters)}`);
      return sql === 'none' ? [] : [{ value: `${sql} of ${parameters.join()}` }];
    },
  };
}

it('gives a query that asks at once answers that come later, and asks the same but once', async () => {
  const connection = server();
  const answer = await runReplayed((engine) => {
    const first = engine.scalar('a', [1]) as string;
    const second = engine.execute('b', [first]).rows as { value: string }[];
    return [first, second[0]!.value, engine.scalar('a', [1]), engine.scalar('none')];
  }, connection);
  expect(answer).toEqual(['a of 1', 'b of a of 1', 'a of 1', undefined]);
  expect(connection.asked).toEqual(['a [1]', 'b ["a of 1"]', 'none []']);
});

it('leaves errors of the query and of the server as they are', async () => {
  const mistake = new Error('of the query');
  const run = runReplayed((engine) => {
    engine.scalar('a');
    throw mistake;
  }, server());
  await expect(run).rejects.toBe(mistake);
  const failing = { query: () => Promise.reject(mistake) };
  await expect(runReplayed((engine) => engine.scalar('a'), failing)).rejects.toBe(mistake);
});

it('hands out rows that the query may change', async () => {
  const rows = await runReplayed((engine) => {
    const [row] = engine.execute('a').rows as { value: string }[];
    row!.value += '!';
    engine.scalar('b');
    return (engine.execute('a').rows as { value: string }[])[0]!.value;
  }, server());
  expect(rows).toBe('a of ');
});

describe('a statement that is asked ahead', () => {
  const query: Parameters<typeof runReplayed<unknown>>[0] = (engine) => {
    const ahead = engine.executeAhead!('ahead', [1]);
    const next = engine.scalar('next');
    return [engine.scalar('last', [next]), ahead().rows];
  };
  const answer = ['last of next of ', [{ value: 'ahead of 1' }]];

  it('goes with the next, before it, where a connection can do that', async () => {
    const connection = server();
    const gone: string[][] = [];
    const queryAll = (statements: readonly { sql: string; parameters: readonly unknown[] }[]) => {
      gone.push(statements.map(({ sql }) => sql));
      return Promise.all(statements.map(({ sql, parameters }) => connection.query(sql, parameters)));
    };
    expect(await runReplayed(query, { ...connection, queryAll })).toEqual(answer);
    expect(gone).toEqual([['ahead', 'next']]);
    expect(connection.asked).toEqual(['ahead [1]', 'next []', 'last ["next of "]']);
  });

  it('is asked before the next elsewhere', async () => {
    const connection = server();
    expect(await runReplayed(query, connection)).toEqual(answer);
    expect(connection.asked).toEqual(['ahead [1]', 'next []', 'last ["next of "]']);
  });

  it('is asked where nothing else is', async () => {
    const connection = server();
    expect(await runReplayed((engine) => engine.executeAhead!('alone')().rows, connection)).toEqual([
      { value: 'alone of ' },
    ]);
    expect(connection.asked).toEqual(['alone []']);
  });
});
