import { AsyncLocalStorage } from 'node:async_hooks';

/** What a flow holds of all `FlowLocal`s: a list that is never changed, only replaced. */
interface Held {
  readonly local: object;
  readonly value: unknown;
  readonly rest: Held | undefined;
}

/**
 * One storage for everything the library keeps of a flow: up to Node 22 each storage costs every promise of the process
 * a property, which on a path of many promises is more than the rest of capture.
 */
const storage = new AsyncLocalStorage<Held | undefined>();

/** A value of a flow: it follows the flow through every await, and nowhere else. */
export class FlowLocal<T> {
  get(): T | undefined {
    return this.in(storage.getStore());
  }

  /** Sets the value for what follows in this flow. */
  enter(value: T | undefined): void {
    storage.enterWith(this.with(storage.getStore(), value));
  }

  /** Calls `fn` with the value; what is called after it has the one before again. */
  run<R>(value: T | undefined, fn: () => R): R {
    const before = this.get();
    this.enter(value);
    try {
      return fn();
    } finally {
      // This value alone: what `fn` has entered of others stays, as it would in a storage of its own.
      this.enter(before);
    }
  }

  private in(held: Held | undefined): T | undefined {
    for (let entry = held; entry; entry = entry.rest) if (entry.local === this) return entry.value as T;
    return undefined;
  }

  private with(held: Held | undefined, value: T | undefined): Held | undefined {
    const rest = this.without(held);
    return value === undefined ? rest : { local: this, value, rest };
  }

  private without(held: Held | undefined): Held | undefined {
    if (!held) return undefined;
    if (held.local === this) return held.rest;
    const rest = this.without(held.rest);
    return rest === held.rest ? held : { ...held, rest };
  }
}
