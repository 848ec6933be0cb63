import { afterAll, describe, expect, test } from 'vitest';
import { formatTable } from './format-table';
import { type Outcome, runPath } from './run-path';
import type { Target } from './target';
import type { WritePath } from './write-path';

/** Runs every path on a target, a test each, and prints what was found. */
export function conformanceSuite(target: Target, title: string, paths: readonly WritePath[]): void {
  describe(`${title} on ${target.name}`, () => {
    const outcomes: Outcome[] = [];

    test.for(paths.map((path) => [path.name, path] as const))('%s', async ([_name, path], context) => {
      if (path.lacking !== undefined) context.skip(path.lacking);
      const outcome = await runPath(target, path);
      outcomes.push(outcome);
      if (path.warning === undefined) expect(outcome.problems).toEqual([]);
      else {
        expect(outcome.verdict, `no warning like ${path.warning}`).toBe('warned');
        expect(outcome.recorded).toBe(outcome.trueChanges);
      }
    });

    afterAll(() => {
      const exact = outcomes.filter(({ verdict }) => verdict === 'yes').length;
      const warned = outcomes.filter(({ verdict }) => verdict === 'warned').length;
      const limits = warned > 0 ? `, ${warned} beyond what the database can tell, with a warning` : '';
      const score = `${title} on ${target.name}: ${exact} of ${outcomes.length} complete and exact${limits}`;
      process.stdout.write(`${formatTable(outcomes)}\n${score}\n`);
    });
  });
}
