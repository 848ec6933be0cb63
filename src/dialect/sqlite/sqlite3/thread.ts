import { workerData } from 'node:worker_threads';
import { ServedConnection } from './served-connection';
import { answers, type Answer, beats, packError, type Request, type ThreadData } from './wire';

/**
 * The thread of a connection. Who asks sleeps until the answer is there, so that to them a statement is one step; here the
 * event loop turns, which the package needs to call back.
 */

const { port, signals, driver } = workerData as ThreadData;
/** How often it shows that it is alive while it is at a request. */
const beatMs = 250;

let connection: ServedConnection | undefined;

function answer(message: Answer): void {
  port.postMessage(message);
  Atomics.add(signals, answers, 1);
  Atomics.notify(signals, answers);
}

port.on('message', (request: Request) => {
  const beating = setInterval(() => Atomics.add(signals, beats, 1), beatMs);
  void serve(request).then((message) => {
    clearInterval(beating);
    // Not within a callback of the package: it goes on after that, and a thread that is ended meanwhile ends the process.
    setImmediate(() => answer(message));
  });
});

async function serve(request: Request): Promise<Answer> {
  try {
    connection ??= new ServedConnection(driver);
    const value = await connection.serve(request);
    return { value, inTransaction: connection.inTransaction };
  } catch (error) {
    return { error: packError(error), inTransaction: connection?.inTransaction ?? false };
  }
}
