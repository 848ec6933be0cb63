import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { AuditTrail, createDataSource } from '../../src/index';
import { afterTest, temporaryFile } from '../support/databases';
import { Note } from '../support/note';

export const builtCommand = resolve('dist/src/cli/main.js');

export function fixture(name: string): string {
  return resolve('test/cli/fixtures', name);
}

export interface CommandOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Another copy of the command than the built one. */
  command?: string;
}

export interface ErrorJson {
  code: string;
  message: string;
  remedy: string;
}

/** `audit-trail` as a process of its own. */
export class CommandProcess {
  stdout = '';
  stderr = '';
  readonly #child: ChildProcess;
  readonly #closed: Promise<number | null>;

  constructor(args: readonly string[], { env = {}, cwd, command = builtCommand }: CommandOptions = {}) {
    if (!existsSync(builtCommand)) throw new Error('npm run build first; npm test does it by itself');
    const { PATH = '' } = process.env;
    this.#child = spawn(process.execPath, [command, ...args], {
      env: { PATH, ...env },
      cwd: cwd ?? dirname(temporaryFile()),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.on('data', (text) => (this.stdout += String(text)));
    this.#child.stderr?.on('data', (text) => (this.stderr += String(text)));
    this.#closed = once(this.#child, 'close').then(([code]) => code as number | null);
    afterTest(async () => {
      this.#child.kill('SIGKILL');
      await this.#closed;
    });
  }

  /** The exit code, null where a signal ended it. */
  exited(): Promise<number | null> {
    return this.#closed;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves when a whole line that matches has been printed; rejects when the command ends without one. */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      const lines = this.stdout.split('\n').slice(0, -1);
      const found = lines.find((line) => pattern.test(line));
      if (found !== undefined) return found;
      const printed = this.#child.stdout ? once(this.#child.stdout, 'data').then(() => true) : this.#closed;
      if ((await Promise.race([printed, this.#closed.then(() => false)])) !== true) {
        throw new Error(`no line ${String(pattern)} in: ${this.stdout}${this.stderr}`);
      }
    }
  }
}

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

export async function run(args: readonly string[], options?: CommandOptions): Promise<Finished> {
  const command = new CommandProcess(args, options);
  const code = await command.exited();
  return { code, stdout: command.stdout, stderr: command.stderr };
}

/** Standard output of a command that has to succeed. */
export async function textOf(args: readonly string[], options?: CommandOptions): Promise<string> {
  const { code, stdout, stderr } = await run(args, options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) as string });
  return stdout;
}

/** `data` of a command that has to succeed, run with `--json`. */
export async function dataOf(args: readonly string[], options?: CommandOptions): Promise<Record<string, unknown>> {
  const answer = JSON.parse(await textOf([...args, '--json'], options)) as Record<string, unknown>;
  expect(Object.keys(answer)).toEqual(['success', 'data']);
  expect(answer['success']).toBe(true);
  return answer['data'] as Record<string, unknown>;
}

/** The error of a command that has to fail: two lines on standard error, and the same as JSON. */
export async function failureOf(
  args: readonly string[],
  exitCode: 1 | 2,
  options?: CommandOptions,
): Promise<ErrorJson> {
  const [command = '', ...rest] = args;
  const { code, stdout, stderr } = await run([command, '--json', ...rest], options);
  expect({ code, stderr }).toEqual({ code: exitCode, stderr: expect.any(String) as string });
  const answer = JSON.parse(stdout) as { success: boolean; error: ErrorJson };
  expect(answer.success).toBe(false);
  const { message, remedy } = answer.error;
  expect(stderr).toBe(`audit-trail: ${answer.error.code}: ${message}\n${remedy}\n`);
  expect(message).toMatch(/^\S.*\S$/);
  expect(remedy).toMatch(/^\S.*\S$/);
  return answer.error;
}

/** A database file with a trail in which so many changes wait in the outbox. */
export async function databaseWithPending(changes: number): Promise<string> {
  const file = temporaryFile('notes.sqlite');
  const dataSource = createDataSource(`sqlite:${file}`, {
    entities: [Note],
    synchronize: true,
    audit: { drain: false, drainTimeoutMs: 0, onWarning: () => undefined },
  });
  await AuditTrail.attach(dataSource);
  const notes = Array.from({ length: changes }, (_, index) => ({ text: `note ${index}` }));
  if (changes > 0) await dataSource.getRepository(Note).insert(notes);
  await dataSource.destroy();
  expect(countRows(file)).toEqual({ pending: changes, entries: 0, notes: changes });
  return file;
}

/** What the tables of such a database hold, read without the library. */
export function countRows(file: string): { pending: number; entries: number; notes: number } {
  const database = new Database(file, { readonly: true });
  try {
    const rows = (table: string) => database.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? NaN;
    return { pending: rows('audit_outbox'), entries: rows('audit_entry'), notes: rows('note') };
  } finally {
    database.close();
  }
}
