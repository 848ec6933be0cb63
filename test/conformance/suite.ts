import { afterAll, describe, expect, test } from 'vitest';
import { formatTable } from './format-table';
import { type Outcome, runPath } from './run-path';
import type { Target } from './target';
import type { WritePath } from './write-path';

/** Runs every path on a target, a test each, and prints what was found. */
export function conformanceSuite(target: Target, title: string, paths: readonly WritePath[]): void {
  describe(`${title} on ${target.name}`, () => {
    const outcomes: Outcome[] = [];
    const leftOut: string[] = [];

    for (const path of paths) {
      test(path.name, { ...(target.timeoutMs !== undefined && { timeout: target.timeoutMs }) }, async (context) => {
        const reason = path.lacking ?? (await target.leftOut?.(path));
        if (reason !== undefined) {
          leftOut.push(`${path.name}: ${reason}`);
          context.skip(reason);
        }
        const outcome = await runPath(target, path);
        outcomes.push(outcome);
        if (outcome.verdict === 'NO') await target.startAfresh?.();
        if (path.warning === undefined) expect(outcome.problems).toEqual([]);
        else {
          expect(outcome.verdict, `no warning like ${path.warning}`).toBe('warned');
          expect(outcome.recorded).toBe(outcome.trueChanges);
        }
      });
    }

    afterAll(() => {
      const exact = outcomes.filter(({ verdict }) => verdict === 'yes').length;
      const warned = outcomes.filter(({ verdict }) => verdict === 'warned').length;
      const limits = warned > 0 ? `, ${warned} beyond what the database can tell, with a warning` : '';
      const score = `${title} on ${target.name}: ${exact} of ${outcomes.length} complete and exact${limits}`;
      const not = leftOut.map((reason) => `left out: ${reason}\n`).join('');
      process.stdout.write(`${formatTable(outcomes)}\n${score}\n${not}`);
    });
  });
}
