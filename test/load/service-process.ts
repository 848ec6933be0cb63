import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Answer<T = unknown> {
  status: number;
  body: { success: boolean; data: T; error?: { code: string } };
}

/** The example application as a process of its own, asked over HTTP. */
export class ServiceProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly address: string,
    readonly ended: Promise<number | NodeJS.Signals>,
  ) {}

  /** @param names the users who get a key, see `keyOf` */
  static async start(file: string, names: readonly string[]): Promise<ServiceProcess> {
    const keys = names.map((name) => `${name}:${keyOf(name)}:operator`);
    const child = spawn(process.execPath, ['dist/examples/calculations/main.js'], {
      env: { ...process.env, HOST: '127.0.0.1', PORT: '0', DATABASE_URL: `sqlite:${file}`, API_KEYS: keys.join() },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit').then(([code, signal]: unknown[]) => (code ?? signal) as number | NodeJS.Signals);
    const started = new Promise<string>((resolve) => {
      let output = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        const address = /(http:\/\/[\d.]+:\d+)\/api\/calculations /.exec(output)?.[1];
        if (address) resolve(address);
      });
    });
    const failed = ended.then((reason) => {
      throw new Error(`the service ended at its start: ${reason}`);
    });
    failed.catch(() => undefined);
    return new ServiceProcess(child, await Promise.race([started, failed]), ended);
  }

  /** @param request method and path, below `/api` */
  async ask<T>(name: string, request: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>> {
    const [method, path] = request.split(' ') as [string, string];
    const response = await fetch(`${this.address}/api${path}`, {
      method,
      headers: {
        authorization: `Bearer ${keyOf(name)}`,
        ...headers,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Answer<T>['body'] };
  }

  /** @returns exit code, or the signal that ended it */
  async signal(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    this.child.kill(signal);
    return this.ended;
  }
}

export function keyOf(name: string): string {
  return `key-of-${name}-0123456789`;
}
