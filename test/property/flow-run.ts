import type { EntityManager, QueryRunner } from 'typeorm';
import { auditContext } from '../../src/index';
import { codeOf, isExplained, ScopeFailed } from './failures';
import { contextOf, type FlowContext } from './flow-context';
import { type Journal, Scope } from './journal';
import type { Flow, Nested, Node, Parallel, Pause, Step, Unit } from './program';
import type { Stage } from './stage';
import { runStep } from './step-run';

/** Where in a flow a step stands. */
export interface Place {
  unit: number | undefined;
  manager: EntityManager;
  /** The hand-started query runner of the transaction. */
  runner?: QueryRunner;
  /** Nobody awaits it. */
  isFloating?: boolean;
  /** Undefined where a step stands alone. */
  scope: Scope | undefined;
}

/** The run of one flow of a program. */
export class FlowRun {
  readonly context: FlowContext;
  readonly floating: Promise<unknown>[] = [];

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
    await pause(Math.max(this.flow.pause, 1) as Pause);
    for (const [index, unit] of this.flow.units.entries()) {
      if (!unit.ownContext) await this.unit(unit, undefined);
      else await auditContext.run({ metadata: { unit: index } }, () => this.unit(unit, index));
    }
    await Promise.all(this.floating);
  }

  private async unit(unit: Unit, index: number | undefined): Promise<void> {
    const { manager } = this.stage.dataSource;
    try {
      if (unit.kind === 'alone') await this.body(unit.body, { unit: index, manager, scope: undefined });
      else if (unit.kind === 'transaction') await this.transaction(unit, { unit: index, manager, scope: undefined });
      else await this.handStarted(unit, index);
    } catch (error) {
      this.judgeFailure(unit.kind, error, false);
    }
  }

  /** Under a function: the manager's own way. */
  private async transaction({ body, fails }: Unit | Nested, place: Place): Promise<void> {
    const scope = new Scope(place.scope);
    await this.ending(scope, () =>
      place.manager.transaction(async (manager) => {
        await this.body(body, { ...place, manager, scope });
        if (fails) throw new ScopeFailed();
      }),
    );
  }

  /** By a query runner, through TypeORM's methods or in raw SQL; without the library, raw BEGIN confuses TypeORM. */
  private async handStarted({ kind, body, fails }: Unit, unit: number | undefined): Promise<void> {
    const runner = this.stage.dataSource.createQueryRunner();
    const isRaw = kind === 'raw transaction' && this.stage.isAudited;
    const started = this.floating.length;
    const scope = new Scope(undefined);
    try {
      await (isRaw ? runner.query('BEGIN') : runner.startTransaction());
      await this.ending(scope, async () => {
        try {
          await this.body(body, { unit, manager: runner.manager, runner, scope });
          if (fails) throw new ScopeFailed();
          await (isRaw ? runner.query('COMMIT') : runner.commitTransaction());
        } catch (error) {
          // A COMMIT that failed because the transaction was lost has ended it.
          const rollback = isRaw ? runner.query('ROLLBACK') : runner.rollbackTransaction();
          await (scope.isAtRisk ? rollback.catch(() => undefined) : rollback);
          throw error;
        }
      });
    } finally {
      // Whoever still uses it would find it released.
      await Promise.all(this.floating.slice(started));
      await runner.release();
    }
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

  private judgeFailure(what: string, error: unknown, isFloating: boolean): void {
    const code = codeOf(error);
    if (error instanceof ScopeFailed || isExplained(code, { isLost: false, isFloating, isStranger: false })) return;
    this.journal.problems.push(`${what} of flow ${this.owner} failed: ${code}`);
  }

  private async parallel({ body }: Parallel, place: Place): Promise<void> {
    if (!this.isWild) return this.body(body, place);
    const results = await Promise.allSettled(body.map((node) => this.node(node, place)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private async nested(nested: Nested, place: Place): Promise<void> {
    try {
      // Raw savepoints have no turns: what runs beside them would be released, or undone, with them.
      if (place.scope && nested.via === 'savepoint' && !this.isWild)
        await this.rawSavepoint(nested, place, place.scope);
      else if (place.runner && nested.via === 'runner' && !this.isWild)
        await this.startedAgain(nested, place, place.runner);
      else await this.transaction(nested, place);
    } catch (error) {
      if (nested.rethrows || !(error instanceof ScopeFailed)) throw error;
    }
  }

  private async rawSavepoint({ body, fails }: Nested, place: Place, parent: Scope): Promise<void> {
    const scope = new Scope(parent);
    await place.manager.query('SAVEPOINT raw');
    await this.ending(scope, async () => {
      try {
        await this.body(body, { ...place, scope });
        if (fails) throw new ScopeFailed();
      } catch (error) {
        await place.manager.query('ROLLBACK TO raw');
        throw error;
      } finally {
        await place.manager.query('RELEASE raw');
      }
    });
  }

  private async startedAgain({ body, fails }: Nested, place: Place, runner: QueryRunner): Promise<void> {
    const scope = new Scope(place.scope);
    await runner.startTransaction();
    await this.ending(scope, async () => {
      try {
        await this.body(body, { ...place, scope });
        if (fails) throw new ScopeFailed();
        await runner.commitTransaction();
      } catch (error) {
        await runner.rollbackTransaction();
        throw error;
      }
    });
  }

  private async ending(scope: Scope, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      scope.end('committed');
    } catch (error) {
      const wasLost = scope.root.isAtRisk;
      scope.end('rolled back');
      // Only what the database did by itself explains that a transaction can't be ended.
      const isExplainedEnd =
        wasLost && isExplained(codeOf(error), { isLost: true, isFloating: false, isStranger: false });
      throw isExplainedEnd ? new ScopeFailed() : error;
    }
  }
}

export async function pause(length: Pause): Promise<void> {
  if (length === 1) await Promise.resolve();
  if (length === 2) await new Promise((resolve) => setImmediate(resolve));
}
