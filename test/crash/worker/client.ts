import { setImmediate as yieldToLoop } from 'node:timers/promises';
import { auditContext } from 'typeorm-audit-trail';
import type { JournalWriter } from '../journal-file';
import { Book } from './book';
import type { Cue } from './cue';
import { planOperation } from './forms';
import type { Session } from './session';
import type { Tools } from './steps';

/** Changes its own rows, and the shared counters, until it is stopped or killed. */
export class Client {
  private book: Book | undefined;
  private operations = 0;

  constructor(
    private readonly name: string,
    /** Begins the correlation ids of this life of the process. */
    private readonly prefix: string,
    private readonly tools: Tools,
    private readonly journal: JournalWriter,
    private readonly cue: Cue,
  ) {}

  async run(session: Session): Promise<void> {
    this.book ??= await Book.read(session.dataSource, this.name);
    while (session.isOpen) {
      try {
        // As a request would: a flow that waits for nothing but this driver keeps everybody else waiting.
        await yieldToLoop();
        await this.operate(session, this.book);
      } catch (error) {
        this.journal.write({ problem: error instanceof Error ? error.stack! : String(error) });
        return;
      }
    }
  }

  private async operate({ dataSource }: Session, current: Book): Promise<void> {
    const { kind, book, run } = planOperation(current, this.tools);
    this.operations += 1;
    const correlationId = `${this.prefix}.${this.operations}`;
    const context = { actor: this.name, reason: kind, source: 'crash test', correlationId };
    this.journal.write({ intent: { ...context, kind, expected: book.expected } });
    await auditContext.run(context, () => run(dataSource));
    // An answer takes its time to a client: what is committed may stay unacknowledged.
    await yieldToLoop();
    this.journal.write({ acknowledged: correlationId });
    this.book = book;
    this.cue.operated();
  }
}
