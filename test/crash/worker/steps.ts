import type { EntityManager } from 'typeorm';
import type { Random } from '../random';
import type { Book } from './book';
import { Account, Movement } from './entities';
import { otherSteps } from './other-steps';
import { accountValues, type Fresh, newAccount, toColumns } from './values';

/** One write, to be run through a manager of the caller's choice. */
export type Step = (manager: EntityManager) => Promise<unknown>;

export interface Tools {
  random: Random;
  fresh: Fresh;
}

/** Enters into the book what the write will do; undefined where the client has no row for it. */
export type StepMaker = (book: Book, tools: Tools) => Step | undefined;

/** How many labels there are; their ids start at 1. */
export const labelCount = 5;
const mostAccounts = 25;

const insert: StepMaker = (book, { random, fresh }) => {
  if (book.accounts.size >= mostAccounts) return undefined;
  const account = newAccount(book.owner, random, fresh);
  // Later steps of the same plan change the account.
  const columns = toColumns(account);
  book.insert(account);
  return (manager) => manager.insert(Account, columns);
};

const save: StepMaker = (book, { random, fresh }) => {
  if (book.accounts.size >= mostAccounts) return undefined;
  const account = newAccount(book.owner, random, fresh);
  const columns = toColumns(account);
  book.insert(account);
  const labels = [1, 2, 3, 4, labelCount].filter(() => random.chance(0.4));
  for (const label of labels) book.link(account, label);
  return (manager) => manager.save(manager.create(Account, { ...columns, labels: labels.map((id) => ({ id })) }));
};

const update: StepMaker = (book, { random }) => {
  if (book.accounts.size === 0) return undefined;
  const account = random.pick([...book.accounts.values()]);
  const change = { ...accountValues(random), balance: account.balance + 1 };
  book.change(account, change);
  return (manager) => manager.update(Account, account.id, toColumns(change));
};

const saveChange: StepMaker = (book, { random }) => {
  if (book.live().length === 0) return undefined;
  const account = random.pick(book.live());
  const change = { balance: account.balance - 1, isActive: random.chance(0.5) };
  book.change(account, change);
  const label = random.whole(1, labelCount);
  if (account.labels.has(label)) book.unlink(account, label);
  else book.link(account, label);
  const labels = [...account.labels].map((id) => ({ id }));
  return async (manager) => {
    const loaded = await manager.findOneOrFail(Account, { where: { id: account.id }, relations: { labels: true } });
    await manager.save(Object.assign(loaded, change, { labels }));
  };
};

const updateByCriteria: StepMaker = (book, { random }) => {
  const isActive = random.chance(0.5);
  const hit = [...book.accounts.values()].filter((account) => account.isActive === isActive);
  const change = { isActive: !isActive, rate: random.next() };
  for (const account of hit) book.change(account, change);
  return (manager) => manager.update(Account, { owner: book.owner, isActive }, change);
};

const remove: StepMaker = (book, { random }) => {
  if (book.accounts.size < mostAccounts / 2) return undefined;
  const account = random.pick([...book.accounts.values()]);
  book.remove(account);
  return (manager) => manager.delete(Account, account.id);
};

const softDelete: StepMaker = (book, { random }) => {
  if (book.live().length === 0) return undefined;
  const account = random.pick(book.live());
  book.change(account, { isDeleted: true }, 'soft_delete');
  return (manager) => manager.softDelete(Account, account.id);
};

const restore: StepMaker = (book, { random }) => {
  if (book.deleted().length === 0) return undefined;
  const account = random.pick(book.deleted());
  book.change(account, { isDeleted: false }, 'restore');
  return (manager) => manager.restore(Account, account.id);
};

const insertMany: StepMaker = (book, { random, fresh }) => {
  if (book.accounts.size === 0) return undefined;
  const account = random.pick([...book.accounts.values()]);
  if (account.movements.size > 20) return undefined;
  const rows = Array.from({ length: random.whole(2, 8) }, () => ({ tag: fresh.tag(), amount: random.whole(1, 99) }));
  for (const { tag, amount } of rows) book.insertMovement(account, tag, amount);
  return (manager) =>
    manager.insert(
      Movement,
      rows.map((row) => ({ ...row, accountId: account.id })),
    );
};

/** By the name under which they are counted. */
export const steps: Readonly<Record<string, StepMaker>> = {
  insert,
  save,
  update,
  'save change': saveChange,
  'update by criteria': updateByCriteria,
  delete: remove,
  'soft-delete': softDelete,
  restore,
  'insert many': insertMany,
  ...otherSteps,
};
