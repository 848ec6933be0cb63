import type { ServerSession } from '../dialect/server-dialect';
import type { PolicyWarning } from '../model/missing';
import { firstWarning, keyOf } from './policy-warnings';

/**
 * Changes that `warnOnly` let through on a server. The triggers mark their entries, which the roll-ups count, so that the
 * counts are those of the whole log, whoever wrote it; transactions whose triggers did not stand are counted here.
 */
export class ServerWarnings {
  private readonly unrecorded = new Map<string, number>();
  /** Undefined until it is known what was told before. */
  private told: Set<string> | undefined;

  constructor(
    private readonly session: ServerSession,
    /** False where no policy is only warned of, and so nothing is marked. */
    private readonly mayBeMarked: boolean,
    private readonly onWarning: (message: string) => void,
  ) {}

  /** Transactions that touched these entities have committed, and their triggers did not stand. */
  noteUnrecorded(entities: Iterable<string>): void {
    for (const entity of entities) {
      if (!this.unrecorded.has(entity)) this.onWarning(firstWarning({ entity, missing: 'triggers' }));
      this.unrecorded.set(entity, (this.unrecorded.get(entity) ?? 0) + 1);
    }
  }

  async list(): Promise<PolicyWarning[]> {
    const marked = (await this.session.pool.query(this.session.selectWarned)) as unknown as PolicyWarning[];
    const all = [
      ...marked,
      ...[...this.unrecorded].map(([entity, count]): PolicyWarning => ({ entity, missing: 'triggers', count })),
    ];
    return all.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  /** Says what is the first of its kind since the last call; what was there before the first one is old news. */
  async tell(): Promise<void> {
    if (!this.mayBeMarked) return;
    const warnings = (await this.list()).filter(({ missing }) => missing !== 'triggers');
    if (this.told)
      for (const warning of warnings) if (!this.told.has(keyOf(warning))) this.onWarning(firstWarning(warning));
    this.told = new Set(warnings.map(keyOf));
  }
}
