import type { Engine } from '../dialect/engine';

/**
 * Counts how often another connection was found to have committed. Each look finds at most one, so this is the least
 * there were; what matters is whether it is zero.
 */
export class OtherCommits {
  private last: unknown;
  private seen = 0;

  constructor(
    private readonly engine: Engine,
    private readonly versionQuery: string,
  ) {
    this.last = engine.scalar(versionQuery);
  }

  count(): number {
    const version = this.engine.scalar(this.versionQuery);
    if (version !== this.last) this.seen += 1;
    this.last = version;
    return this.seen;
  }
}
