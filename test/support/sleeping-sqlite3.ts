import { createRequire } from 'node:module';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { SqliteFile } from './sqlite';

/** A connection of the package sqlite3 in a thread, for which this one sleeps; no code of the library is in it. */
const program = `
const { port, signal, driver } = require('node:worker_threads').workerData;
const { Database, OPEN_READONLY, OPEN_READWRITE, OPEN_CREATE } = require(driver);
let database;
port.on('message', ([method, ...values]) => {
  const done = (error, result) => {
    const message = error ? { error: { message: error.message, code: error.code } } : { result };
    setImmediate(() => {
      port.postMessage(message);
      Atomics.add(signal, 0, 1);
      Atomics.notify(signal, 0);
    });
  };
  if (method === 'open') {
    const [file, readonly, timeout] = values;
    const mode = readonly ? OPEN_READONLY : OPEN_READWRITE | OPEN_CREATE;
    database = new Database(file, mode, (error) => {
      if (!error) database.configure('busyTimeout', timeout);
      done(error);
    });
  } else database[method](...values, done);
});`;

export class SleepingSqlite3 implements SqliteFile {
  private readonly signal = new Int32Array(new SharedArrayBuffer(4));
  private readonly port: MessagePort;
  private readonly worker: Worker;

  constructor(file: string, readonly: boolean, timeoutMs: number) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const driver = createRequire(__filename).resolve('sqlite3');
    const workerData = { port: port2, signal: this.signal, driver };
    this.worker = new Worker(program, { eval: true, workerData, transferList: [port2], execArgv: [] });
    this.worker.unref();
    this.ask('open', file, readonly, timeoutMs);
  }

  exec(sql: string): void {
    this.ask('exec', sql);
  }

  all(sql: string, ...values: unknown[]): Record<string, unknown>[] {
    const rows = this.ask('all', sql, values) as Record<string, unknown>[];
    for (const row of rows) {
      for (const name in row) if (row[name] instanceof Uint8Array) row[name] = Buffer.from(row[name]);
    }
    return rows;
  }

  close(): void {
    this.ask('close');
    // Without it the thread has nothing left to wait for.
    this.port.close();
  }

  private ask(...request: unknown[]): unknown {
    const answered = Atomics.load(this.signal, 0);
    this.port.postMessage(request);
    Atomics.wait(this.signal, 0, answered);
    const { message } = receiveMessageOnPort(this.port) as {
      message: { error?: { message: string; code: string }; result?: unknown };
    };
    if (message.error !== undefined) throw Object.assign(new Error(message.error.message), message.error);
    return message.result;
  }
}
