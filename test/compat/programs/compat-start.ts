/**
 * `npm run start:compat -- NAME`: the example application in an installation of a combination of TypeORM and driver, until
 * it is told to stop; the installation and its database go with it. The names are those of `npm run test:compat`.
 */
import { parseArgs } from 'node:util';
import { chosen } from '../combinations';
import { Installation, withTarball } from '../installation';

async function main(): Promise<void> {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [combination] = chosen(positionals);
  if (!combination) throw new Error('Name a combination, as in `npm run start:compat -- typeorm-0.3.30+sqlite3`.');
  const installation = await withTarball((tarball) => Installation.create(combination, tarball));
  process.exitCode = (await installation.show(['dist/examples/calculations/main.js'])) ?? 1;
  installation.remove();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
