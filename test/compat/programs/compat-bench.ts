/**
 * `npm run bench:compat -- [--only NAME] [-- …]`: what capture costs on each combination of TypeORM and driver, and beside it the
 * package typeorm-auditing, where it runs. What comes after a second `--` goes to the bench, such as `--quick`. Figures of each are
 * written to bench/results/NAME.json.
 */
import { resolve } from 'node:path';
import { chosen } from '../combinations';
import { Installation, withTarball } from '../installation';

/** The newest that there is. */
const guest = 'typeorm-auditing@0.5.6';

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const names = args.slice(0, end).filter((arg) => arg !== '--only');
  await withTarball(async (tarball) => {
    for (const combination of chosen(names.length > 0 ? names : undefined)) {
      console.log(`\n=== ${combination.name}`);
      const installation = await Installation.create(combination, tarball);
      try {
        await addGuest(installation);
        const out = resolve('bench', 'results', `${combination.name}.json`);
        const bench = ['dist/bench/main.js', '--only', 'capture', '--out', out];
        const exitCode = await installation.show([...bench, ...args.slice(end + 1)]);
        if (exitCode !== 0) process.exitCode = exitCode ?? 1;
        // Who stops one does not want the others.
        if (exitCode === null) break;
      } finally {
        installation.remove();
      }
    }
  });
}

async function addGuest(installation: Installation): Promise<void> {
  const refusal = await installation.install(guest);
  if (refusal) console.log(`${guest} can't be installed beside it:\n${refusal}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
