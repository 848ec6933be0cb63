/**
 * `npm run start:compat -- NAME`: the example application in an installation of a combination of TypeORM and driver, until
 * it is told to stop; the installation and its database go with it. The names are those of `npm run test:compat`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { chosen } from '../combinations';
import { Installation, withTarball } from '../installation';

async function main(): Promise<void> {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [combination] = chosen(positionals);
  if (!combination) throw new Error('Name a combination, as in `npm run start:compat -- typeorm-0.3.30+sqlite3`.');
  const installation = await withTarball((tarball) => Installation.create(combination, tarball));
  const program = ['dist/examples/calculations/main.js'];
  const child = spawn(process.execPath, program, { cwd: installation.folder, stdio: 'inherit' });
  // A terminal sends it to both; the example closes, and this waits for that.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  installation.remove();
  process.exitCode = code ?? 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
