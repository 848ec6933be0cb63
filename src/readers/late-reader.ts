import { runReplayed } from '../dialect/replayed';
import type { LateConnection, LateTarget } from '../dialect/reader';
import { AuditError, AuditSchemaMissingError, ReaderFailedError, ReadTimeoutError } from '../errors';
import { type NamesGiven, RecordedNames } from '../model/recorded-names';
import type { Outcome, PoolReader, ReaderEvents } from './pool-reader';
import { type QueryAnswer, type QueryName, TrailQueries } from './trail-queries';
import { monotonicMs, type ReadRequest } from './wire';

interface Open {
  connection: LateConnection;
  queries: TrailQueries;
}

/** One reader: a connection in this thread, whose answers come later, so that the event loop turns meanwhile. */
export class LateReader implements PoolReader {
  private readonly opened: Promise<Open | undefined>;
  private last: Promise<void>;
  private stopping = new AbortController();
  private hasEnded = false;

  constructor(
    target: LateTarget,
    names: NamesGiven,
    private readonly events: ReaderEvents,
  ) {
    this.opened = this.open(target, names);
    this.last = this.opened.then(() => undefined);
  }

  send(request: ReadRequest): void {
    this.last = this.last.then(() => this.answer(request));
  }

  /** What it does by itself keeps the process alive only while a statement runs. */
  rest(): void {}

  async end(): Promise<void> {
    this.hasEnded = true;
    this.stopping.abort(new Error('The reader was ended.'));
    await this.last;
    await (await this.opened)?.connection.close();
  }

  private async open(target: LateTarget, names: NamesGiven): Promise<Open | undefined> {
    try {
      const connection = await target.open();
      const queries = new TrailQueries(connection, new RecordedNames(names.renamed, names.tables), false);
      if (!this.hasEnded) this.events.onReady();
      return { connection, queries };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!this.hasEnded) this.events.onGone(new ReaderFailedError(`A reader failed: ${why}`, { cause: error }));
      return undefined;
    }
  }

  private async answer(request: ReadRequest): Promise<void> {
    const open = await this.opened;
    if (!open || this.hasEnded) return;
    this.stopping = new AbortController();
    const late = new ReadTimeoutError('The query took longer than readTimeoutMs.');
    const timer = setTimeout(() => this.stopping.abort(late), Math.max(0, request.deadline - monotonicMs()));
    const outcome = await this.ask(open, request, this.stopping.signal);
    clearTimeout(timer);
    // Fails where BEGIN did.
    await open.connection.query('ROLLBACK').catch(() => undefined);
    if (!this.hasEnded) this.events.onOutcome(outcome);
  }

  private async ask({ connection, queries }: Open, request: ReadRequest, signal: AbortSignal): Promise<Outcome> {
    const { name, argument } = request;
    const query = queries[name].bind(queries) as (engine: unknown, argument: unknown) => QueryAnswer<QueryName>;
    const within = { query: (sql: string, values?: readonly unknown[]) => connection.query(sql, values, signal) };
    try {
      // One snapshot for all that an answer is made of.
      await within.query('BEGIN');
      return { answer: await runReplayed((engine) => query(engine, argument), within) };
    } catch (error) {
      if (error instanceof AuditError) return { error };
      // Looked at only now, because asking each time would cost each answer a query.
      // Where that fails as well, what failed first is what there is to say.
      const areThere = await runReplayed((engine) => queries.areTablesThere(engine), connection).catch(() => true);
      if (areThere) return { error: error as Error };
      return { error: new AuditSchemaMissingError('The audit tables are not there.', { cause: error }) };
    }
  }
}
