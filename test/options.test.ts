import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AuditTrail, type AuditTrailOptions, createDataSource, InvalidOptionError } from '../src/index';
import { resolveOptions } from '../src/options';
import { afterTest, audited, stock } from './support/databases';
import { Note } from './support/note';

const dialect = { batchSize: 50, commitIntervalMs: 5000, idleTransactionTimeoutMs: 15_000 };

describe('options', () => {
  it('have the documented defaults, every one of them', () => {
    const page = readFileSync(join(__dirname, '../docs/options.md'), 'utf8');
    const documented = [...page.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
    expect(documented.sort()).toEqual(Object.keys(resolveOptions({}, dialect)).sort());
    expect(resolveOptions({}, dialect)).toMatchObject({
      migrate: true,
      exclude: [],
      requireContext: [],
      requireReason: [],
      warnOnly: [],
      commitIntervalMs: 5000,
      batchSize: 50,
      drain: true,
      lockTimeoutMs: 30_000,
      idleTransactionTimeoutMs: 15_000,
      drainTimeoutMs: 10_000,
      readers: true,
      poolSize: 5,
      readTimeoutMs: 30_000,
      allowLogDestruction: false,
    });
  });

  it.each<[AuditTrailOptions, RegExp]>([
    [{ batchSize: 0 }, /batchSize must be a whole number from 1 to 1000/],
    [{ batchSize: 1.5 }, /whole number/],
    [{ commitIntervalMs: 1 }, /from 10 to 3600000/],
    [{ poolSize: 1 }, /poolSize must be a whole number from 2 to 32/],
    [{ drain: 'no' as never }, /drain must be true or false/],
    [{ warnOnly: [7] as never }, /warnOnly must be a list of names/],
    [{ exclude: 'User' as never }, /exclude must be a list of names/],
    [{ onWarning: 7 as never }, /onWarning must be a function/],
    [{ batchsize: 7 } as never, /no option "batchsize"/],
  ])('%o are refused', async (options, message) => {
    expect(() => createDataSource('sqlite::memory:', { audit: options })).toThrow(message);
    await expect(AuditTrail.attach(await stock([Note]), options)).rejects.toThrow(InvalidOptionError);
  });

  it('of attach() are added to those of createDataSource()', async () => {
    const dataSource = createDataSource('sqlite::memory:', { audit: { batchSize: 7, drain: false } });
    afterTest(() => dataSource.destroy());
    const trail = await AuditTrail.attach(dataSource, { commitIntervalMs: 1000 });
    expect(await trail.stats()).toMatchObject({ batchSize: 7, commitInterval: 1 });
  });

  it('that come too late are refused, unless they change nothing', async () => {
    const { dataSource, trail } = await audited([Note], { batchSize: 7 });
    expect(await AuditTrail.attach(dataSource, { batchSize: 7 })).toBe(trail);
    await expect(AuditTrail.attach(dataSource, { batchSize: 8 })).rejects.toThrow(
      /open already, with another value of batchSize/,
    );
    expect(await AuditTrail.attach(dataSource)).toBe(trail);
  });
});
