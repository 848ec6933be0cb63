import { Counter, Movement, Setting } from './entities';
import { integer } from '../oracle/stored';
import type { StepMaker } from './steps';

const settingNames = ['colour', 'size', 'mode', 'limit'];
const settingValues = ['abc', 'ABC', 'Abc', '1', '1.0', ''];
/** How many shared counters there are; their ids start at 1. */
export const counterCount = 3;

const rawInsert: StepMaker = (book, { random, fresh }) => {
  if (book.accounts.size === 0) return undefined;
  const account = random.pick([...book.accounts.values()]);
  if (account.movements.size > 20) return undefined;
  const [tag, amount] = [fresh.tag(), random.whole(1, 99)];
  book.insertMovement(account, tag, amount);
  return (manager) =>
    manager.query(`INSERT INTO movement ("accountId", tag, amount) VALUES (?, ?, ?) RETURNING id`, [
      account.id,
      tag,
      amount,
    ]);
};

const rawUpdate: StepMaker = (book) => {
  for (const account of book.live()) book.change(account, { balance: account.balance + 7 });
  return (manager) =>
    manager.query(`UPDATE account SET balance = balance + 7 WHERE owner = ? AND "deletedAt" IS NULL`, [book.owner]);
};

const rawDelete: StepMaker = (book, { random }) => {
  const account = [...book.accounts.values()].find(({ movements }) => movements.size > 0);
  if (!account) return undefined;
  const tag = random.pick([...account.movements.keys()]);
  book.removeMovement(account, tag);
  return (manager) => manager.query(`DELETE FROM movement WHERE tag = ?`, [tag]);
};

const upsert: StepMaker = (book, { random }) => {
  const [name, value] = [random.pick(settingNames), random.pick(settingValues)];
  book.setSetting(name, value);
  return (manager) => manager.upsert(Setting, { owner: book.owner, name, value }, ['owner', 'name']);
};

const replace: StepMaker = (book, { random }) => {
  const [name, value] = [random.pick(settingNames), random.pick(settingValues)];
  if (book.settings.has(name)) book.removeSetting(name);
  book.setSetting(name, value);
  return (manager) =>
    manager.query(`REPLACE INTO setting (owner, name, value) VALUES (?, ?, ?)`, [book.owner, name, value]);
};

const changeKey: StepMaker = (book, { random }) => {
  const taken = [...book.settings.keys()];
  const free = settingNames.filter((name) => !book.settings.has(name));
  if (taken.length === 0 || free.length === 0) return undefined;
  const [name, to] = [random.pick(taken), random.pick(free)];
  book.renameSetting(name, to);
  return (manager) => manager.update(Setting, { owner: book.owner, name }, { name: to });
};

const removeSetting: StepMaker = (book, { random }) => {
  if (book.settings.size === 0) return undefined;
  const name = random.pick([...book.settings.keys()]);
  book.removeSetting(name);
  return (manager) => manager.delete(Setting, { owner: book.owner, name });
};

/** What the counter was before, only the other clients know; replay finds out. */
const increment: StepMaker = (book, { random }) => {
  const id = random.whole(1, counterCount);
  book.expect('counter', 'update', { id: integer(id) }, { id: integer(id) });
  return (manager) => manager.increment(Counter, { id }, 'value', 1);
};

const changeNothing: StepMaker = (book) => {
  const account = [...book.accounts.values()].find(({ movements }) => movements.size > 0);
  if (!account) return undefined;
  const movements = [...account.movements];
  return async (manager) => {
    for (const [tag, amount] of movements) await manager.update(Movement, { tag }, { amount });
  };
};

/** A statement that fails takes nothing with it; the transaction around it goes on. */
const failingStatement: StepMaker = (book, { random }) => {
  if (book.accounts.size === 0) return undefined;
  const { id } = random.pick([...book.accounts.values()]);
  return async (manager) => {
    const outcome = await manager.query(`INSERT INTO account SELECT * FROM account WHERE id = ?`, [id]).then(
      () => 'was accepted',
      (error: unknown) => String(error),
    );
    if (!outcome.includes('UNIQUE')) throw new Error(`an account with a taken id: ${outcome}`);
  };
};

export const otherSteps: Readonly<Record<string, StepMaker>> = {
  'raw insert': rawInsert,
  'raw update': rawUpdate,
  'raw delete': rawDelete,
  upsert,
  replace,
  'change of key': changeKey,
  'delete by key': removeSetting,
  increment,
  'change of nothing': changeNothing,
  'failing statement': failingStatement,
};
