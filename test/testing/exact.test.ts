import { describe, expect, test } from 'vitest';
import { AuditTrail, createDataSource } from '../../src/index';
import { checkConformance, type ConformanceReport, formatReport } from '../../src/testing/testing';
import { mainModel } from '../conformance/model/main-model';
import { ormModel } from '../conformance/model/orm-features';
import { stockDataSource } from './stock-data-source';
import { office } from './office';

function problems({ results }: ConformanceReport): string[] {
  return results.flatMap(({ entity, path, problems: texts }) => texts.map((text) => `${entity}: ${path}: ${text}`));
}

const ran = ({ results }: ConformanceReport): number => results.filter(({ verdict }) => verdict === 'exact').length;

describe('every write path is found exact', () => {
  test('of the blog, the trees, the inheritance', { timeout: 300_000 }, async () => {
    const report = await checkConformance(() => stockDataSource(mainModel.entities));
    expect(problems(report)).toEqual([]);
    expect(report.ok).toBe(true);
    expect(ran(report)).toBeGreaterThan(300);
  });

  test('of composite keys, embedded entities, one-to-one', { timeout: 300_000 }, async () => {
    const report = await checkConformance(() => stockDataSource(ormModel.entities));
    expect(problems(report)).toEqual([]);
    expect(ran(report)).toBeGreaterThan(80);
  });

  test('of what has redacted columns, cycles, checks and transformers', { timeout: 300_000 }, async () => {
    const report = await checkConformance(
      async () => {
        const dataSource = createDataSource('sqlite::memory:', { entities: office, synchronize: true });
        await AuditTrail.attach(dataSource, { drain: false });
        return dataSource;
      },
      {
        samples: { Invoice: ({ serial }) => ({ amount: 1 + (serial % 100), state: 'open' }) },
        skip: { Tag: 'nothing but a key', 'Team: clear()': 'is never called' },
      },
    );
    expect(problems(report)).toEqual([]);
    expect(ran(report)).toBeGreaterThan(100);
    expect(report.notCaptured).toEqual([{ entity: 'Visit', table: 'visit', reason: '@NotAudited()' }]);
    expect(report.results.filter(({ entity }) => entity === 'Visit')).toEqual([]);
    const text = formatReport(report);
    expect(text).toMatch(/^Employee +save: insert +employee\.I +employee\.I +yes$/m);
    expect(text).toContain('Tag: all: nothing but a key');
    expect(text).toContain('Team: clear(): is never called');
    expect(text).toContain('Visit (visit): @NotAudited()');
    expect(text).toContain('Team, no delete date: softDelete(), restore(), softRemove(), recover()');
    expect(text).not.toMatch(/^Team +softDelete/m);
  });
});
