import { performance } from 'node:perf_hooks';
import { EntitySchema } from 'typeorm';
import { auditContext, AuditTrail, createDataSource } from '../../src/index';
import { OwnDatabase } from '../../test/server/load/database';
import type { Suite } from '../suite';
import { quantile } from '../support/statistics';
import { figure } from '../support/table';

const Reading = new EntitySchema<{ id: number; value: number }>({
  name: 'Reading',
  columns: { id: { type: 'int', primary: true }, value: { type: 'int' } },
});

/** Writers beside the one that is measured. */
const companies = [0, 2, 10];
/** All of them are open before anything is measured: a server may take long to make one, and for its first statements. */
const connection = { maxConnections: 12, acquireTimeoutMs: 120_000, statementTimeoutMs: 120_000 };
const warmUps = 10;

export const visibleSuite: Suite = {
  name: 'visible',
  describes: 'from the commit of a change to its entry in recent, on the database server of TEST_MSSQL_URL',
  async run({ quick, rounds, progress }) {
    const url = process.env['TEST_MSSQL_URL'];
    if (!url) return { tables: [], figures: { skipped: 'no server: set TEST_MSSQL_URL' }, problems: [] };
    const count = rounds ?? (quick ? 20 : 500);
    const database = await OwnDatabase.create(url);
    const figures: { writers: number; count: number; p50Milliseconds: number; p99Milliseconds: number }[] = [];
    const problems: string[] = [];
    try {
      for (const writers of companies) {
        progress(`beside ${writers} writers`);
        const { times, askedAgain } = await measureVisible(database.url, writers, count);
        if (askedAgain > 0)
          problems.push(`visible: ${askedAgain} entries were not there when their change had committed`);
        figures.push({ writers, count, p50Milliseconds: quantile(times, 0.5), p99Milliseconds: quantile(times, 0.99) });
      }
    } finally {
      await database.drop();
    }
    return {
      tables: [
        {
          title: 'Milliseconds from the commit of a change to the answer of recent that has it',
          head: ['beside', 'changes', 'p50', 'p99'],
          rows: figures.map(({ writers, p50Milliseconds, p99Milliseconds }) => [
            `${writers} writers`,
            count.toLocaleString('en-US'),
            figure(p50Milliseconds),
            figure(p99Milliseconds),
          ]),
          notes: ['the server may run on the same cores; reach: p99 < 50'],
        },
      ],
      figures,
      problems,
    };
  },
};

async function measureVisible(url: string, writers: number, count: number) {
  const dataSource = createDataSource(url, { entities: [Reading], synchronize: true, connection });
  const trail = await AuditTrail.attach(dataSource);
  const readings = dataSource.getRepository(Reading);
  let id = ((await readings.maximum('id')) ?? 0) + 1;
  let isOver = false;
  try {
    for (let round = 0; round < warmUps; round += 1) {
      await Promise.all(
        Array.from({ length: connection.maxConnections }, async () => {
          await readings.insert({ id: (id += 1), value: 0 });
          await trail.recent({ correlationId: 'none', limit: 1 });
        }),
      );
    }
    const others = Array.from({ length: writers }, async () => {
      while (!isOver) await readings.insert({ id: (id += 1), value: 0 });
    });
    const times: number[] = [];
    let askedAgain = 0;
    for (let round = -warmUps; round < count; round += 1) {
      const correlationId = `round ${writers} ${round}`;
      await auditContext.run({ correlationId }, () => readings.insert({ id: (id += 1), value: round }));
      const committed = performance.now();
      while ((await trail.recent({ correlationId, limit: 1 })).entries.length === 0) askedAgain += 1;
      if (round >= 0) times.push(performance.now() - committed);
    }
    isOver = true;
    await Promise.all(others);
    return { times, askedAgain };
  } finally {
    isOver = true;
    await dataSource.destroy();
  }
}
