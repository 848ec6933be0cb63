/** Longest wait of a writer for a slice: who holds the connection may be waiting for that very writer. */
const longestMs = 1000;

/** Lets writers wait for something that happens soon, all of them for the same. */
export class WritersPause {
  private current: { promise: Promise<void>; end: () => void; timer: NodeJS.Timeout } | undefined;

  /** Resolves at the next `end()`, or after a second. */
  wait(): Promise<void> {
    if (!this.current) {
      let end!: () => void;
      const promise = new Promise<void>((resolve) => (end = resolve));
      this.current = { promise, end, timer: setTimeout(() => this.end(), longestMs) };
    }
    return this.current.promise;
  }

  end(): void {
    if (!this.current) return;
    const { end, timer } = this.current;
    this.current = undefined;
    clearTimeout(timer);
    end();
  }
}
