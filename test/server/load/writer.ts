import type { DataSource, EntityManager } from 'typeorm';
import { AuditError, auditContext, retryTransaction } from 'typeorm-audit-trail';
import type { JournalWriter } from '../../crash/journal-file';
import type { ExpectedChange } from '../../crash/oracle/journal';
import { integer, type Row, text } from '../../crash/oracle/stored';
import type { Random } from '../../crash/random';
import { Account, Counter } from './entities';

type Known = Pick<Account, 'id' | 'name' | 'balance'>;

/** What an operation will do: to the writer's own rows, and to the tables. */
interface Plan {
  kind: string;
  expected: ExpectedChange[];
  accounts: Map<number, Known>;
  run: (dataSource: DataSource) => Promise<unknown>;
}

/** Thrown to have a transaction rolled back. */
class OnPurpose extends Error {}

export const counterCount = 8;
const mostAccounts = 12;

/** Changes rows of its own, and counters that all share, in a way that ends in deadlocks now and then. */
export class Writer {
  private accounts = new Map<number, Known>();
  private operations = 0;
  private nextId: number;
  /** Failures that were told by an error which says what to do, by its code. */
  readonly failures = new Map<string, number>();
  /** When an operation was last acknowledged. */
  lastDone = 0;

  /** @param idBase its accounts have ids above it, which no other writer has */
  constructor(
    private readonly name: string,
    idBase: number,
    private readonly random: Random,
    private readonly journal: JournalWriter,
    private readonly mayFailWith: ReadonlySet<string>,
  ) {
    this.nextId = idBase;
  }

  async run(dataSource: DataSource, isOver: () => boolean): Promise<void> {
    while (!isOver()) await this.operate(dataSource, this.plan());
  }

  async operate(dataSource: DataSource, { kind, expected, accounts, run }: Plan): Promise<void> {
    this.operations += 1;
    const correlationId = `${this.name}.${this.operations}`;
    const context = { actor: this.name, reason: kind, source: 'load', correlationId };
    this.journal.write({ intent: { ...context, kind, expected } });
    try {
      await auditContext.run(context, () => run(dataSource));
    } catch (error) {
      if (!(error instanceof OnPurpose)) return this.failed(dataSource, correlationId, error);
    }
    this.journal.write({ acknowledged: correlationId });
    this.accounts = accounts;
    this.lastDone = Date.now();
  }

  /** An error that says that a retry helps says that nothing was done; any other leaves it open. */
  private async failed(dataSource: DataSource, correlationId: string, error: unknown): Promise<void> {
    const code = error instanceof AuditError ? error.code : '';
    if (!this.mayFailWith.has(code)) {
      const what = error instanceof Error ? `${error.stack}\n${String(error.cause)}` : String(error);
      this.journal.write({ problem: `an error that nothing explains: ${what}` });
      return;
    }
    this.failures.set(code, (this.failures.get(code) ?? 0) + 1);
    if ((error as AuditError).retryable) this.journal.write({ undone: correlationId });
    else await this.lookUp(dataSource);
  }

  /** As an application would, whose change got no answer. */
  private async lookUp(dataSource: DataSource): Promise<void> {
    for (;;) {
      try {
        const rows = await dataSource.manager.findBy(Account, { owner: this.name });
        this.accounts = new Map(rows.map(({ id, name, balance }) => [id, { id, name, balance }]));
        return;
      } catch (error) {
        if (!(error instanceof AuditError)) throw error;
      }
    }
  }

  private plan(): Plan {
    const planners = [
      () => this.insert(),
      () => this.update(),
      () => this.remove(),
      () => this.updateAll(),
      () => this.transfer(),
      () => this.transfer(),
      () => this.save(),
      () => this.abandon(),
    ];
    for (;;) {
      const plan = this.random.pick(planners)();
      if (plan) return plan;
    }
  }

  private insert(): Plan | undefined {
    if (this.accounts.size >= mostAccounts) return undefined;
    const accounts = this.copy();
    const rows = Array.from({ length: this.random.whole(1, 3) }, () => this.fresh());
    for (const row of rows) accounts.set(row.id, row);
    return {
      kind: 'insert',
      expected: rows.map((row) => ({ table: 'account', operation: 'insert', after: this.row(row) })),
      accounts,
      run: (dataSource) => dataSource.getRepository(Account).insert(rows.map((row) => ({ ...row, owner: this.name }))),
    };
  }

  private update(): Plan | undefined {
    const change = this.change();
    if (!change) return undefined;
    const { after, ...rest } = change;
    return {
      kind: 'update',
      ...rest,
      run: (dataSource) =>
        dataSource.getRepository(Account).update(after.id, { name: after.name, balance: after.balance }),
    };
  }

  private remove(): Plan | undefined {
    if (this.accounts.size === 0) return undefined;
    const accounts = this.copy();
    const gone = this.random.pick([...accounts.values()]);
    accounts.delete(gone.id);
    return {
      kind: 'delete',
      expected: [{ table: 'account', operation: 'delete', before: this.row(gone) }],
      accounts,
      run: (dataSource) => dataSource.getRepository(Account).delete(gone.id),
    };
  }

  private updateAll(): Plan | undefined {
    const accounts = new Map([...this.accounts].map(([id, known]) => [id, { ...known, balance: known.balance + 1 }]));
    return {
      kind: 'raw update',
      expected: [...accounts.values()].map((after) => ({
        table: 'account',
        operation: 'update',
        before: this.row(this.accounts.get(after.id)!),
        after: this.row(after),
      })),
      accounts,
      run: (dataSource) => dataSource.query('UPDATE account SET balance = balance + 1 WHERE owner = @0', [this.name]),
    };
  }

  private save(): Plan | undefined {
    const change = this.change();
    if (!change) return undefined;
    const { after, ...rest } = change;
    return {
      kind: 'save',
      ...rest,
      run: async ({ manager }) =>
        manager.save(Object.assign(await manager.findOneByOrFail(Account, { id: after.id }), after)),
    };
  }

  /** Two counters in any order: two writers that have them in different orders end in a deadlock. */
  private transfer(): Plan | undefined {
    const change = this.change();
    if (!change) return undefined;
    const { after, expected, accounts } = change;
    const counters = this.twoCounters();
    const work = async (manager: EntityManager) => {
      await manager.increment(Counter, { id: counters[0] }, 'value', 1);
      await manager.update(Account, after.id, { name: after.name, balance: after.balance });
      await manager.query('UPDATE counter SET value = value + 1 WHERE id = @0', [counters[1]]);
    };
    const isRetried = this.random.chance(0.5);
    return {
      kind: isRetried ? 'retried transaction' : 'transaction',
      expected: [
        ...expected,
        ...counters.map((id) => ({
          table: 'counter',
          operation: 'update',
          before: { id: integer(id) },
          after: { id: integer(id) },
        })),
      ],
      accounts,
      run: (dataSource) =>
        isRetried ? retryTransaction(dataSource, work, { attempts: 20 }) : dataSource.transaction(work),
    };
  }

  private abandon(): Plan {
    const row = this.fresh();
    return {
      kind: 'rolled back',
      expected: [],
      accounts: this.copy(),
      run: (dataSource) =>
        dataSource.transaction(async (manager) => {
          await manager.insert(Account, { ...row, owner: this.name });
          throw new OnPurpose();
        }),
    };
  }

  private change(): (Pick<Plan, 'expected' | 'accounts'> & { after: Known }) | undefined {
    if (this.accounts.size === 0) return undefined;
    const accounts = this.copy();
    const before = this.random.pick([...accounts.values()]);
    const after = {
      ...before,
      name: `${this.random.pick(names)} ${this.random.whole(1, 1e6)}`,
      balance: before.balance + 1,
    };
    accounts.set(after.id, after);
    const expected = [{ table: 'account', operation: 'update', before: this.row(before), after: this.row(after) }];
    return { expected, accounts, after };
  }

  private fresh(): Known {
    this.nextId += 1;
    return { id: this.nextId, name: this.random.pick(names), balance: this.random.whole(-1000, 1000) };
  }

  private twoCounters(): [number, number] {
    const first = this.random.whole(1, counterCount);
    return [first, ((first - 1 + this.random.whole(1, counterCount - 1)) % counterCount) + 1];
  }

  private copy(): Map<number, Known> {
    return new Map([...this.accounts].map(([id, known]) => [id, { ...known }]));
  }

  private row({ id, name, balance }: Known): Row {
    return { id: integer(id), owner: text(this.name), name: text(name), balance: integer(balance) };
  }
}

const names = ['plain', 'naïve', '日本語', "O'Hara", '"quoted"', 'line\nbreak', '{"$stored":1}'];
