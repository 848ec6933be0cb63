import { parentPort, workerData } from 'node:worker_threads';
import { openReader } from '../dialect/open-reader';
import type { ReadConnection } from '../dialect/reader';
import { RecordedNames } from '../model/recorded-names';
import { runQuery } from './run-query';
import { TrailQueries } from './trail-queries';
import { monotonicMs, packError, type ReaderData, type ReaderMessage, type ReadRequest } from './wire';

/** A reader's thread: one connection that only reads, one query at a time. */

const port = parentPort!;
const send = (message: ReaderMessage): void => port.postMessage(message);

try {
  const { target, names } = workerData as ReaderData;
  serve(openReader(target), new RecordedNames(names.renamed, names.tables));
  send({ kind: 'ready' });
} catch (error) {
  send({ kind: 'unable', error: packError(error) });
}

function serve(connection: ReadConnection, names: RecordedNames): void {
  const { engine, endAfter } = connection;
  const queries = new TrailQueries(connection, names, false);
  port.on('message', ({ name, argument, deadline }: ReadRequest) => {
    try {
      endAfter(deadline - monotonicMs());
      // One snapshot for all that an answer is made of.
      engine.execute('BEGIN');
      send({ kind: 'answer', answer: runQuery(queries, engine, name, argument as never) });
    } catch (error) {
      send({ kind: 'failed', error: packError(error) });
    } finally {
      if (engine.inTransaction) engine.execute('ROLLBACK');
    }
  });
}
