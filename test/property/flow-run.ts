import { auditContext } from '../../src/index';
import { codeOf, isExplained, ScopeFailed } from './failures';
import { contextOf, type FlowContext } from './flow-context';
import type { Journal } from './journal';
import type { Flow, Nested, Node, Parallel, Pause, Step, Unit } from './program';
import { inHandStarted, inRawSavepoint, inStartedAgain, inTransaction, type Place, type Work } from './scoped-work';
import type { Stage } from './stage';
import { runStep } from './step-run';

/** The run of one flow of a program. */
export class FlowRun {
  readonly context: FlowContext;
  private readonly floating: Promise<unknown>[] = [];

  constructor(
    readonly stage: Stage,
    readonly journal: Journal,
    private readonly flow: Flow,
    readonly owner: number,
    readonly isWild: boolean,
  ) {
    this.context = contextOf(flow, owner);
  }

  async run(): Promise<void> {
    // Never in the breath of whoever started the flow: a hand-started transaction would be bound to that as well.
    await pause(Math.max(this.flow.pause, 1) as Pause);
    for (const [index, unit] of this.flow.units.entries()) {
      if (!unit.ownContext) await this.unit(unit, undefined);
      else await auditContext.run({ metadata: { unit: index } }, () => this.unit(unit, index));
    }
    await Promise.all(this.floating);
  }

  private async unit({ kind, body, fails }: Unit, unit: number | undefined): Promise<void> {
    const place: Place = { unit, manager: this.stage.dataSource.manager, scope: undefined };
    const work = this.workOf(body, fails);
    try {
      if (kind === 'alone') await this.body(body, place);
      else if (kind === 'transaction') await inTransaction(place, work);
      else {
        const started = this.floating.length;
        const settled = () => Promise.all(this.floating.slice(started));
        // Without the library, BEGIN in raw SQL confuses TypeORM; on a pool, nothing more would come that way.
        const isRaw = kind === 'raw transaction' && this.stage.isAudited && !this.stage.isServer;
        await inHandStarted(this.stage, { isRaw, unit, settled }, work);
      }
    } catch (error) {
      this.judgeFailure(kind, error, false);
    }
  }

  private workOf(body: readonly Node[], fails: boolean | undefined): Work {
    return async (place) => {
      await this.body(body, place);
      if (fails) throw new ScopeFailed();
    };
  }

  private async body(nodes: readonly Node[], place: Place): Promise<void> {
    for (const node of nodes) await this.node(node, place);
  }

  private async node(node: Node, place: Place): Promise<void> {
    if (node.kind === 'parallel') return this.parallel(node, place);
    const floats = this.isWild && node.floating === true && place.scope !== undefined;
    const within = floats ? { ...place, isFloating: true } : place;
    const work = node.kind === 'step' ? this.step(node, within) : this.nested(node, within);
    // What floats never throws into the flow, which would not be there to catch it.
    if (floats) this.floating.push(work.catch((error: unknown) => this.judgeFailure('floating work', error, true)));
    else await work;
  }

  private async step(step: Step, place: Place): Promise<void> {
    await pause(step.pause);
    await runStep(this, step, place);
  }

  private async parallel({ body }: Parallel, place: Place): Promise<void> {
    if (!this.isWild) return this.body(body, place);
    const results = await Promise.allSettled(body.map((node) => this.node(node, place)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private async nested({ via, body, fails, rethrows }: Nested, place: Place): Promise<void> {
    const work = this.workOf(body, fails);
    try {
      // Wild programs have work beside it, which the other two are not made for.
      if (place.scope && via === 'savepoint' && !this.isWild) await inRawSavepoint(place, this.stage, work);
      else if (place.runner && via === 'runner' && !this.isWild) await inStartedAgain(place, place.runner, work);
      else await inTransaction(place, work);
    } catch (error) {
      if (rethrows || !(error instanceof ScopeFailed)) throw error;
    }
  }

  private judgeFailure(what: string, error: unknown, isFloating: boolean): void {
    const code = codeOf(error);
    if (
      error instanceof ScopeFailed ||
      isExplained(code, { isLost: this.stage.isServer, isFloating, isStranger: false })
    )
      return;
    this.journal.problems.push(`${what} of flow ${this.owner} failed: ${code}`);
  }
}

export async function pause(length: Pause): Promise<void> {
  if (length === 1) await Promise.resolve();
  if (length === 2) await new Promise((resolve) => setImmediate(resolve));
}
