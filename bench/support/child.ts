import { type ChildProcess, fork } from 'node:child_process';

/** A program of the bench in a process of its own, which answers one message at a time. */
export class Child<Request extends object, Answer> {
  private readonly process: ChildProcess;
  private waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;

  constructor(program: string, args: string[]) {
    this.process = fork(program, args, { execArgv: ['--expose-gc'] });
    this.process.on('message', (message: { answer?: Answer; error?: string }) => {
      const { waiting } = this;
      this.waiting = undefined;
      if (message.error !== undefined) waiting?.reject(new Error(message.error));
      else waiting?.resolve(message.answer as Answer);
    });
    this.process.on('exit', (code, signal) => {
      this.waiting?.reject(new Error(`${program} ${args.join(' ')} ended with ${signal ?? code}`));
    });
  }

  ask(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (!this.process.connected) return reject(new Error('The process has ended.'));
      this.waiting = { resolve, reject };
      this.process.send(request);
    });
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.disconnect();
    await ended;
  }
}

/** The other side: answers each message with what `answer` gives, until the parent is gone. */
export function serve<Request, Answer>(answer: (request: Request) => Promise<Answer>): void {
  process.on('message', (request: Request) => {
    answer(request).then(
      (value) => process.send!({ answer: value }),
      (error: unknown) => process.send!({ error: error instanceof Error ? error.stack : String(error) }),
    );
  });
  process.on('disconnect', () => process.exit());
}
