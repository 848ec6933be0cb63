import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';

const main = resolve('dist/examples/calculations/main.js');

/** An empty directory to start in, removed after the test. */
export async function workingDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'calculations-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** The example application as a process of its own, built as `npm start` builds it. */
export class ExampleProcess {
  stdout = '';
  stderr = '';
  readonly exited: Promise<number | null>;

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.on('data', (text) => (this.stdout += String(text)));
    child.stderr?.on('data', (text) => (this.stderr += String(text)));
    this.exited = once(child, 'close').then(([code]) => code as number | null);
  }

  static run(cwd: string, env: Record<string, string> = {}): ExampleProcess {
    if (!existsSync(main)) throw new Error('npm run build first; npm test does it by itself');
    const { PATH = '' } = process.env;
    const child = spawn(process.execPath, [main], { cwd, env: { PATH, PORT: '0', ...env }, stdio: 'pipe' });
    onTestFinished(() => void child.kill('SIGKILL'));
    return new ExampleProcess(child);
  }

  /** Where it listens, once it does. */
  async address(): Promise<string> {
    for (let waited = 0; waited < 20_000; waited += 20) {
      const [, address] = /(http:\/\/[^/\s]+)\/api/.exec(this.stdout) ?? [];
      if (address !== undefined) return address;
      if (this.child.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`it does not listen: ${this.stdout}${this.stderr}`);
  }

  /** Sends a signal and answers the exit code, null where the signal killed it. */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.exited;
  }

  async ask<T>(key: string, request: string, body?: unknown): Promise<T> {
    const [method = '', path = ''] = request.split(' ');
    const answer = await fetch((await this.address()) + path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { data, error } = (await answer.json()) as { data?: T; error?: { code: string } };
    if (data === undefined) throw new Error(`${request}: ${answer.status} ${error?.code}`);
    return data;
  }
}
