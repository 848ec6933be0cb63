import fc from 'fast-check';
import { performance } from 'node:perf_hooks';
import { afterAll, test } from 'vitest';
import { serverLacks } from '../support/mssql';
import { arbitraryPrograms } from './arbitrary-program';
import { serverOperationNames } from './operations/all-operations';
import { openOnServer } from './server-databases';
import { Workshop } from './workshop';

// PROPERTY_RUNS=200 is the long run; PROPERTY_SEED repeats one.
const numRuns = Number(process.env['PROPERTY_RUNS'] ?? 20);
const seed = Number(process.env['PROPERTY_SEED'] ?? Date.now() % 2 ** 31);
const longestMsPerProgram = 30_000;

const workshop = new Workshop(openOnServer);
const start = performance.now();

afterAll(async () => {
  await workshop.dispose();
  if (workshop.programs === 0) return;
  const { programs, tally } = workshop;
  const rate = Math.round((programs / (performance.now() - start)) * 10_000) / 10;
  process.stdout.write(
    `${tally.format()}\n${programs} random programs on a server, ${tally.total} operations, ${rate} programs/s, PROPERTY_SEED=${seed}\n`,
  );
}, 60_000);

test(
  `random programs on a server are recorded completely, exactly and under their own names (seed ${seed})`,
  { timeout: 120_000 + numRuns * longestMsPerProgram },
  async () => {
    const isOther = (await serverLacks('it has no MERGE')) !== undefined;
    const property = fc.asyncProperty(arbitraryPrograms(serverOperationNames(isOther)), async (program) => {
      // Work that nobody awaits, or that runs beside other work of its transaction, has no turns on a pool.
      const problems = await workshop.check({ ...program, wild: false });
      if (problems.length > 0) throw new Error(problems.slice(0, 8).join('\n'));
    });
    // A server takes too long for the attempts that a smaller counter-example takes.
    await fc.assert(property, { numRuns, seed, endOnFailure: true });
  },
);
