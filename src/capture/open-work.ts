/** What this process has begun and not ended, oldest first: it may have recorded what nobody sees yet. */
export class OpenWork {
  private readonly since = new Map<object, number>();

  begun(work: object): void {
    this.since.set(work, Date.now());
  }

  ended(work: object): void {
    this.since.delete(work);
  }

  /** Milliseconds since 1970: what was recorded before has committed, or never will. */
  get settledUpTo(): number {
    const [oldest] = this.since.values();
    return oldest ?? Date.now();
  }
}
