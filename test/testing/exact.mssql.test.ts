import { getMetadataArgsStorage } from 'typeorm';
import { expect, test } from 'vitest';
import { AuditTrail, createDataSource } from '../../src/index';
import { checkConformance } from '../../src/testing/testing';
import { makeDatabase, serverLacks } from '../support/mssql';
import { office } from './office';

/** TypeORM makes MERGE of an upsert. */
const upserts = ['Employee', 'Tag', 'Invoice'].flatMap((entity) =>
  ['upsert of a new row', 'upsert of a row that is there'].map((path) => `${entity}: ${path}`),
);

/** For the columns that TypeORM fills with the time. */
function useDatetime(): void {
  const isFilled = /^(?:create|update|delete)Date$/;
  for (const { target, mode, options } of getMetadataArgsStorage().columns) {
    if (isFilled.test(mode) && office.some((entity) => entity === target)) options.type = 'datetime';
  }
}

test(
  'every write path is found exact: redacted columns, cycles, checks and transformers',
  { timeout: 600_000 },
  async () => {
    const noMerge = await serverLacks('it has no MERGE');
    if (await serverLacks('it writes other fraction digits of a datetime2 than the type has')) useDatetime();
    const report = await checkConformance(
      async () => {
        const { url, drop } = await makeDatabase();
        const dataSource = createDataSource(url, { entities: office, synchronize: true });
        const destroy = dataSource.destroy.bind(dataSource);
        dataSource.destroy = async () => {
          await destroy();
          await drop();
        };
        await AuditTrail.attach(dataSource, { drain: false });
        return dataSource;
      },
      {
        samples: { Invoice: ({ serial }) => ({ amount: 1 + (serial % 100), state: 'open' }) },
        skip: {
          Team: 'is part of the others',
          ...(noMerge !== undefined && Object.fromEntries(upserts.map((path) => [path, noMerge]))),
        },
      },
    );
    expect(
      report.results.flatMap(({ entity, path, problems }) => problems.map((text) => `${entity}: ${path}: ${text}`)),
    ).toEqual([]);
    expect(report.results.filter(({ verdict }) => verdict === 'exact').length).toBeGreaterThan(80);
  },
);
