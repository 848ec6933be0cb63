import type { Holder } from './fifo-lock';

/** Named in errors only, so the label is made when it is asked for. */
export class TransactionHolder implements Holder {
  private readonly since = Date.now();

  constructor(private readonly actor: string | undefined) {}

  get label(): string {
    const who = this.actor ? `actor "${this.actor}"` : 'a flow without actor';
    return `transaction of ${who} since ${new Date(this.since).toISOString()}`;
  }
}
