import fc from 'fast-check';
import { performance } from 'node:perf_hooks';
import { afterAll, describe, it } from 'vitest';
import { arbitraryProgram } from './arbitrary-program';
import { Workshop } from './workshop';

// PROPERTY_RUNS=20000 npx vitest run test/property is the long run; PROPERTY_SEED repeats one.
const numRuns = Number(process.env['PROPERTY_RUNS'] ?? 60);
const seed = Number(process.env['PROPERTY_SEED'] ?? Date.now() % 2 ** 31);
const longestMsPerProgram = 1_000;

const workshop = new Workshop();
const start = performance.now();

afterAll(async () => {
  const rate = Math.round((workshop.programs / (performance.now() - start)) * 10_000) / 10;
  await workshop.dispose();
  const { programs, tally } = workshop;
  process.stdout.write(
    `${tally.format()}\n${programs} random programs, ${tally.total} operations, ${rate} programs/s, PROPERTY_SEED=${seed}\n`,
  );
});

describe('random programs', () => {
  it(
    `are recorded completely, exactly and under their own names (seed ${seed})`,
    async () => {
      const property = fc.asyncProperty(arbitraryProgram, async (program) => {
        const problems = await workshop.check(program);
        if (problems.length > 0) throw new Error(problems.slice(0, 8).join('\n'));
      });
      await fc.assert(property, { numRuns, seed });
    },
    60_000 + numRuns * longestMsPerProgram,
  );
});
