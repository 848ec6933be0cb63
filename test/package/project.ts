import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The checkout that the tests run in. */
export const root = resolve(__dirname, '../..');

const fixtures = join(__dirname, 'fixtures');

export interface Finished {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program to its end, whatever its exit code. */
export function run(command: string, args: string[], cwd: string): Promise<Finished> {
  const env = { ...process.env };
  // Left by the npm that runs the tests; with it another npm would take the checkout for its own project.
  delete env.npm_config_local_prefix;
  delete env.NODE_OPTIONS;
  return new Promise((done) => {
    const child = execFile(command, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 }, (_error, stdout, stderr) =>
      done({ exitCode: child.exitCode, stdout, stderr }),
    );
  });
}

/** A throw-away application outside the checkout. */
export class Project {
  private constructor(readonly directory: string) {}

  static async create(): Promise<Project> {
    const project = new Project(await mkdtemp(join(tmpdir(), 'audit-trail-project-')));
    await project.write('package.json', '{ "name": "empty-project", "version": "1.0.0", "private": true }\n');
    return project;
  }

  /** Makes a package of the checkout, or the checkout itself, importable without installing it. */
  link(name: string, target = join(root, 'node_modules', name)): Promise<void> {
    return this.linkPath(join('node_modules', name), target);
  }

  async linkPath(path: string, target: string): Promise<void> {
    const link = join(this.directory, path);
    await mkdir(dirname(link), { recursive: true });
    await symlink(target, link, 'junction');
  }

  async write(path: string, content: string): Promise<void> {
    const file = join(this.directory, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }

  async addFixtures(): Promise<void> {
    await cp(fixtures, join(this.directory, 'fixtures'), { recursive: true });
  }

  /**
   * Compiles fixtures strictly, each once as an ESM and once as a CommonJS module, with the declarations that they reach;
   * answers the errors in them and in those of this package. Other packages' declarations have errors of their
   * own where their optional peers are missing.
   */
  async compile(...names: string[]): Promise<string[]> {
    const files: string[] = [];
    for (const name of names) {
      const code = await readFile(join(fixtures, `${name}.ts`), 'utf8');
      for (const file of [`${name}.mts`, `${name}.cts`]) {
        await this.write(file, code);
        files.push(file);
      }
    }
    // Only these, so that the compiler can't find declarations in the checkout that the project doesn't have.
    await this.linkPath('types/node', join(root, 'node_modules/@types/node'));
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2022',
      strict: true,
      noEmit: true,
      experimentalDecorators: true,
      typeRoots: ['./types'],
      types: ['node'],
    };
    await this.write('tsconfig.json', JSON.stringify({ compilerOptions, files }));
    const { stdout, stderr } = await this.run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc')]);
    if (stderr !== '') throw new Error(`The compiler did not run: ${stderr}`);
    return stdout
      .split('\n')
      .filter((line) => /\berror TS/.test(line) && !/node_modules\/(?!typeorm-audit-trail\/)/.test(line));
  }

  /** Runs a command in the project, or in a folder of it. */
  run(command: string, args: string[], folder = '.'): Promise<Finished> {
    return run(command, args, join(this.directory, folder));
  }

  remove(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }
}

const readPage = (page: string): Promise<string> => readFile(join(root, page), 'utf8');

/** The code block below `<!-- example: NAME -->` in the README or another page. */
export async function example(name: string, page = 'README.md'): Promise<string> {
  const marker = `<!-- example: ${name} -->`;
  const [, rest] = (await readPage(page)).split(marker);
  const code = rest === undefined ? undefined : /^\s*```js\n(.*?)^```/ms.exec(rest)?.[1];
  if (code === undefined) throw new Error(`${page} has no js block directly below ${marker}`);
  return code;
}

/** What the README tells an application to install beside this package. */
export async function readmePeers(): Promise<string[]> {
  const peers = /^npm install typeorm-audit-trail (.+)$/m.exec(await readPage('README.md'))?.[1];
  if (peers === undefined) throw new Error('README.md has no line `npm install typeorm-audit-trail …`');
  return peers.trim().split(/\s+/);
}
