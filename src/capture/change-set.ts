import type { AuditContext } from '../model/context';
import { timeOrderedId } from '../model/time-ordered-id';

/** All changes of one transaction: what they share in the trail. */
export class ChangeSet {
  readonly transactionId = timeOrderedId();
  /** The context in which the transaction was started; used by statements that have none of their own. */
  private context: AuditContext | undefined;
  private openedBySubscriber = false;
  /** Entities whose writes the ORM announced, by table; checked before the commit. */
  private readonly announced = new Set<string>();

  get isOpened(): boolean {
    return this.openedBySubscriber;
  }

  get announcedTables(): ReadonlySet<string> {
    return this.announced;
  }

  /** Binds the context of the flow that started the transaction. */
  open(context: AuditContext | undefined): void {
    this.openedBySubscriber = true;
    this.context = context;
  }

  announce(tablePath: string): void {
    this.announced.add(tablePath);
  }

  /** The context of a statement made now, in a flow whose own context is `current`. */
  contextOf(current: AuditContext | undefined): AuditContext | undefined {
    return current ?? this.context;
  }
}
