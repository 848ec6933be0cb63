import type { ServerSession } from '../dialect/server-dialect';

/** Entries of one transaction: whoever adds figures up waits for it. */
const entriesPerRun = 2000;

/**
 * Brings the roll-ups of a server up to date: every so often, and when asked for. What they do not hold yet is counted
 * when they are read, so that nothing is waited for. Runs at the same time share one.
 */
export class RollUps {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isStopped = false;
  /** When a run last ended. */
  lastRun: Date | null = null;
  failures = 0;

  constructor(
    private readonly session: ServerSession,
    private readonly intervalMs: number,
    private readonly onFailure: (error: unknown) => void,
    /** After each run. */
    private readonly onCounted: () => Promise<void> = () => Promise.resolve(),
  ) {}

  start(): void {
    this.timer = setTimeout(() => {
      this.run()
        .catch((error: unknown) => this.onFailure(error))
        .finally(() => {
          if (!this.isStopped) this.start();
        });
    }, this.intervalMs);
    this.timer.unref();
  }

  /** Counts all that has committed by now. */
  run(): Promise<void> {
    this.running ??= this.countAll().finally(() => (this.running = undefined));
    return this.running;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.running?.catch(() => undefined);
  }

  private async countAll(): Promise<void> {
    try {
      await countEntries(this.session, () => !this.isStopped);
      await this.session.pool.query(this.session.noteHorizon);
      await this.onCounted();
      this.lastRun = new Date();
    } catch (error) {
      this.failures += 1;
      throw error;
    }
  }
}

/** Adds to the roll-ups what they lack, in transactions of their own, while `goOn` says so. */
export async function countEntries({ pool, rollUp }: ServerSession, goOn = () => true): Promise<void> {
  for (let counted = entriesPerRun; counted === entriesPerRun && goOn();) {
    const [row] = await pool.query(rollUp, [entriesPerRun]);
    counted = Number(row?.['count']);
  }
}
