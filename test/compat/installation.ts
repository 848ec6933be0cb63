import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Combination } from './combinations';

export interface Finished {
  exitCode: number | null;
  /** Both streams, in the order in which they came. */
  output: string;
}

/** npm runs the programs of the compatibility test there. */
const checkout = process.cwd();

/** Runs a program to its end, whatever its exit code. */
export function run(command: string, args: readonly string[], cwd: string): Promise<Finished> {
  const env = { ...process.env };
  // Left by the npm that runs this program; with it another npm would take the checkout for its own project.
  delete env.npm_config_local_prefix;
  return new Promise((done) => {
    let output = '';
    const child = execFile(command, args, { cwd, env, maxBuffer: 256 * 1024 * 1024 }, () =>
      done({ exitCode: child.exitCode, output }),
    );
    child.stdout?.on('data', (text: string) => (output += text));
    child.stderr?.on('data', (text: string) => (output += text));
  });
}

/** Packs the build, as it would be published. @throws where npm does not succeed, with what it said */
export async function withTarball<T>(use: (tarball: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'audit-trail-tarball-'));
  try {
    // Packing would build once more.
    const pack = ['pack', '--ignore-scripts', '--pack-destination', folder];
    const { exitCode, output } = await run('npm', pack, checkout);
    const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz'));
    if (exitCode !== 0 || !tarball) throw new Error(`npm pack failed:\n${output}`);
    return await use(join(folder, tarball));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The tests' tools and what the example has beside the library: no part of a combination, so those of the checkout do. */
const tools = [
  'vitest',
  'typescript',
  '@types/node',
  '@fastify/bearer-auth',
  'close-with-grace',
  'env-schema',
  'mathjs',
];
/** Sources, and what the build made of programs, which import the package by its name. */
const copied = [
  ...['conformance', 'crash', 'drivers', 'example', 'http', 'server', 'support'].map((folder) => join('test', folder)),
  ...['bench', 'examples', 'test'].map((folder) => join('dist', folder)),
  'examples',
  'test/compat/vitest.config.mts',
  'tsconfig.json',
];
const signals = ['SIGINT', 'SIGTERM'] as const;
const drivers = ['better-sqlite3', 'sqlite3'];
const fixtures = ['consumer', 'testing-consumer', 'fastify-consumer'];

/** The packed tarball in a folder of its own, with the peers of a combination, and the suites copied beside it. */
export class Installation {
  private constructor(readonly folder: string) {}

  /** @throws where npm does not succeed, with what it said */
  static async create({ packages }: Combination, tarball: string): Promise<Installation> {
    const installation = new Installation(mkdtempSync(join(tmpdir(), 'audit-trail-compat-')));
    // npm asks who may compile; the drivers may.
    const allowScripts = { 'better-sqlite3': true, sqlite3: true };
    const project = { name: 'compat', version: '1.0.0', private: true, allowScripts };
    installation.write('package.json', JSON.stringify(project));
    const refusal = await installation.install(tarball, ...packages, 'mssql@12', 'reflect-metadata@0.2', 'fastify@5');
    if (refusal) {
      installation.remove();
      throw new Error(`npm install of ${packages.join(', ')} failed:\n${refusal}`);
    }
    installation.assertItsOwn();
    for (const tool of tools) installation.link(join('node_modules', tool), join(checkout, 'node_modules', tool));
    installation.addPrograms();
    return installation;
  }

  /** @throws where a driver that is not of the combination is found in a folder above, and would be taken */
  private assertItsOwn(): void {
    const { resolve } = createRequire(join(this.folder, 'package.json'));
    for (const name of drivers.filter((driver) => !existsSync(join(this.folder, 'node_modules', driver)))) {
      let found: string;
      try {
        found = resolve(name);
      } catch {
        continue;
      }
      throw new Error(
        `${found} would be taken in ${this.folder}: name another folder in TMPDIR, with no ${name} above it.`,
      );
    }
  }

  /** @returns what npm said where it did not succeed */
  async install(...packages: string[]): Promise<string | undefined> {
    const { exitCode, output } = await run('npm', ['install', ...packages], this.folder);
    return exitCode === 0 ? undefined : output;
  }

  /** TypeORM and the drivers of database files, as they are installed, not as they were asked for. */
  versions(): [name: string, version: string][] {
    const names = ['typeorm', ...drivers].filter((name) => existsSync(join(this.folder, 'node_modules', name)));
    return names.map((name) => [name, this.versionOf(name)]);
  }

  private versionOf(name: string): string {
    const manifest = readFileSync(join(this.folder, 'node_modules', name, 'package.json'), 'utf8');
    return (JSON.parse(manifest) as { version: string }).version;
  }

  run(args: readonly string[]): Promise<Finished> {
    return run(process.execPath, args, this.folder);
  }

  /** Runs a program that shows what it says, and gets the signals of this one. @returns its exit code, null where one ended it */
  async show(args: readonly string[]): Promise<number | null> {
    const child = spawn(process.execPath, args, { cwd: this.folder, stdio: 'inherit' });
    // A terminal sends them to both; this one waits for the other.
    const pass = (signal: NodeJS.Signals) => void child.kill(signal);
    for (const signal of signals) process.on(signal, pass);
    try {
      const [code] = (await once(child, 'exit')) as [number | null];
      return code;
    } finally {
      for (const signal of signals) process.off(signal, pass);
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private addPrograms(): void {
    for (const path of copied) cpSync(join(checkout, path), join(this.folder, path), { recursive: true });
    // Where the bench looks for the library.
    this.link('dist/src', join(this.folder, 'node_modules/typeorm-audit-trail/dist/src'));
    const files = fixtures.flatMap((name) => [`types/${name}.mts`, `types/${name}.cts`]);
    for (const file of files) {
      const source = `${file.split('/')[1]!.slice(0, -4)}.ts`;
      this.write(file, readFileSync(join(checkout, 'test/package/fixtures', source), 'utf8'));
    }
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2022',
      strict: true,
      skipLibCheck: false,
      noEmit: true,
      experimentalDecorators: true,
      types: ['node'],
    };
    this.write('tsconfig.types.json', JSON.stringify({ compilerOptions, files }));
  }

  private write(path: string, content: string): void {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  private link(path: string, target: string): void {
    const link = join(this.folder, path);
    rmSync(link, { recursive: true, force: true });
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link, 'junction');
  }
}
