import { setImmediate as yieldToLoop } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import type { Book } from './book';
import { type Step, steps, type Tools } from './steps';

/** An operation of a client, planned but not run. */
export interface Plan {
  kind: string;
  /** The book as it will be if this is committed; its expectations are those of the operation. */
  book: Book;
  run: (dataSource: DataSource) => Promise<unknown>;
}

/** Ends a transaction that was never meant to be committed. */
class Rollback extends Error {}

type Run = (first: Step, more: Step, dataSource: DataSource) => Promise<unknown>;

/** How a client's steps go into one transaction, `more` being those that are rolled back in some forms. */
const forms: Readonly<Record<string, { keeps: 'all' | 'first' | 'none'; run: Run }>> = {
  transaction: {
    keeps: 'all',
    run: (first, more, dataSource) => dataSource.transaction((manager) => inOrder(manager, first, more)),
  },
  'transaction, global manager': {
    keeps: 'all',
    run: (first, more, dataSource) => dataSource.transaction(() => inOrder(dataSource.manager, first, more)),
  },
  'nested transaction': {
    keeps: 'all',
    run: (first, more, dataSource) =>
      dataSource.transaction(async (manager) => {
        await first(manager);
        await manager.transaction(more);
      }),
  },
  'inner rollback': {
    keeps: 'first',
    run: (first, more, dataSource) =>
      dataSource.transaction(async (manager) => {
        const inner = manager.transaction((nested) => thenRollBack(nested, more));
        await inner.catch(unlessRolledBack);
        await first(manager);
      }),
  },
  rollback: {
    keeps: 'none',
    run: (first, more, dataSource) =>
      dataSource.transaction((manager) => thenRollBack(manager, first, more)).catch(unlessRolledBack),
  },
  'query runner': {
    keeps: 'all',
    run: (first, more, dataSource) => withRunner(dataSource, 'commitTransaction', first, more),
  },
  'query runner, rollback': {
    keeps: 'none',
    run: (first, more, dataSource) => withRunner(dataSource, 'rollbackTransaction', first, more),
  },
};

/** Plans one operation: a step on its own as often as one of the forms. */
export function planOperation(current: Book, tools: Tools): Plan {
  const { random } = tools;
  const book = current.copy();
  if (random.chance(0.5)) {
    const [kind, step] = makeStep(book, tools);
    return { kind, book, run: (dataSource) => step(dataSource.manager) };
  }
  const kind = random.pick(Object.keys(forms));
  const { keeps, run } = forms[kind]!;
  // What is rolled back is planned in a book that is thrown away.
  const kept = keeps === 'none' ? book.copy() : book;
  const first = makeSteps(kept, tools);
  const more = makeSteps(keeps === 'first' ? current.copy() : kept, tools);
  return { kind, book, run: (dataSource) => run(first, more, dataSource) };
}

function makeSteps(book: Book, tools: Tools): Step {
  const made = Array.from({ length: tools.random.whole(1, 3) }, () => makeStep(book, tools)[1]);
  return (manager) => inOrder(manager, ...made);
}

function makeStep(book: Book, tools: Tools): [kind: string, step: Step] {
  for (;;) {
    const kind = tools.random.pick(Object.keys(steps));
    const step = steps[kind]!(book, tools);
    if (step) return [kind, step];
  }
}

async function inOrder(manager: EntityManager, ...each: Step[]): Promise<void> {
  for (const step of each) {
    await step(manager);
    // The others go on meanwhile, and find the connection held.
    await yieldToLoop();
  }
}

async function thenRollBack(manager: EntityManager, ...each: Step[]): Promise<never> {
  await inOrder(manager, ...each);
  throw new Rollback();
}

function unlessRolledBack(error: unknown): void {
  if (!(error instanceof Rollback)) throw error;
}

async function withRunner(
  dataSource: DataSource,
  end: 'commitTransaction' | 'rollbackTransaction',
  ...each: Step[]
): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction();
    await inOrder(runner.manager, ...each);
    await runner[end]();
  } finally {
    await runner.release();
  }
}
