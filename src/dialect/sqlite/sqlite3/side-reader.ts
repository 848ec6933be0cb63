import type { Engine } from '../../engine';
import type { SideReader } from '../../side-reader';
import { isBusy } from '../driver-errors';
import { SideQuestions } from '../side-questions';
import type { ReadingConnection } from './reading-connection';
import { sendable } from './values';

/** The application's reads, one after the other, while the event loop turns. */
export class Sqlite3SideReader implements SideReader {
  private readonly questions: SideQuestions;
  private last: Promise<unknown> = Promise.resolve();
  private isClosed = false;

  constructor(
    private readonly connection: ReadingConnection,
    writer: Engine,
  ) {
    this.questions = new SideQuestions(writer);
  }

  read(sql: string, parameters: readonly unknown[]): Promise<unknown[] | undefined> | undefined {
    if (this.isClosed || !this.questions.canAsk(sql)) return undefined;
    const values = sendable(parameters);
    const reading = this.last.then(() => this.ask(sql, values));
    this.last = reading;
    return reading;
  }

  reconsider(sql: string): void {
    this.questions.reconsider(sql);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.last;
    await this.connection.close();
  }

  private async ask(sql: string, values: unknown): Promise<unknown[] | undefined> {
    try {
      return await this.connection.query(sql, values);
    } catch (error) {
      if (!isBusy(error)) this.questions.failed(sql);
      return undefined;
    }
  }
}
