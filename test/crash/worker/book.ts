import type { DataSource } from 'typeorm';
import type { ExpectedChange } from '../oracle/journal';
import type { Row } from '../oracle/stored';
import { Account, Movement, Setting } from './entities';
import { accountRow, linkRow, movementRow, settingRow } from './expected-rows';
import type { Known } from './known';

/**
 * What one client knows of its own rows, which nobody else changes, and the row changes that an operation makes of
 * them. An operation is planned on a copy of the book before it is run; the copy counts once the client knows that the
 * operation is committed.
 */
export class Book {
  readonly expected: ExpectedChange[] = [];

  private constructor(
    readonly owner: string,
    readonly accounts: Map<number, Known>,
    readonly settings: Map<string, string>,
  ) {}

  static async read(dataSource: DataSource, owner: string): Promise<Book> {
    const accounts = new Map<number, Known>();
    const found = await dataSource.manager.find(Account, {
      where: { owner },
      relations: { labels: true },
      withDeleted: true,
    });
    // The driver would round a 64-bit integer.
    const serials: { id: number; serial: string }[] = await dataSource.query(
      `SELECT id, CAST(serial AS TEXT) AS serial FROM account WHERE owner = ?`,
      [owner],
    );
    const serialOf = new Map(serials.map(({ id, serial }) => [id, serial]));
    for (const { place, deletedAt, labels = [], ...values } of found) {
      const movements = await dataSource.manager.findBy(Movement, { accountId: values.id });
      accounts.set(values.id, {
        ...values,
        serial: serialOf.get(values.id)!,
        city: place.city,
        isDeleted: deletedAt !== null,
        movements: new Map(movements.map(({ tag, amount }) => [tag, amount])),
        labels: new Set(labels.map(({ id }) => id)),
      });
    }
    const settings = await dataSource.manager.findBy(Setting, { owner });
    return new Book(owner, accounts, new Map(settings.map(({ name, value }) => [name, value])));
  }

  /** For the plan of an operation: nothing is expected of it yet. */
  copy(): Book {
    return new Book(this.owner, copyAccounts(this.accounts), new Map(this.settings));
  }

  live(): Known[] {
    return [...this.accounts.values()].filter(({ isDeleted }) => !isDeleted);
  }

  deleted(): Known[] {
    return [...this.accounts.values()].filter(({ isDeleted }) => isDeleted);
  }

  insert(account: Known): void {
    this.accounts.set(account.id, account);
    this.expect('account', 'insert', undefined, accountRow(account));
  }

  change(account: Known, change: Partial<Known>, operation = 'update'): void {
    const before = accountRow(account);
    Object.assign(account, change);
    this.expect('account', operation, before, accountRow(account));
  }

  remove(account: Known): void {
    this.accounts.delete(account.id);
    this.expect('account', 'delete', accountRow(account), undefined);
    for (const tag of account.movements.keys()) this.removeMovement(account, tag);
    for (const label of account.labels) this.expect('account_labels', 'unlink', linkRow(account, label), undefined);
  }

  link(account: Known, label: number): void {
    account.labels.add(label);
    this.expect('account_labels', 'link', undefined, linkRow(account, label));
  }

  unlink(account: Known, label: number): void {
    account.labels.delete(label);
    this.expect('account_labels', 'unlink', linkRow(account, label), undefined);
  }

  insertMovement(account: Known, tag: string, amount: number): void {
    account.movements.set(tag, amount);
    this.expect('movement', 'insert', undefined, movementRow(account, tag));
  }

  removeMovement(account: Known, tag: string): void {
    this.expect('movement', 'delete', movementRow(account, tag), undefined);
    account.movements.delete(tag);
  }

  setSetting(name: string, value: string): void {
    const before = this.settings.get(name);
    this.settings.set(name, value);
    const after = settingRow(this.owner, name, value);
    if (before === undefined) this.expect('setting', 'insert', undefined, after);
    else if (before !== value) this.expect('setting', 'update', settingRow(this.owner, name, before), after);
  }

  removeSetting(name: string): void {
    this.expect('setting', 'delete', settingRow(this.owner, name, this.settings.get(name)!), undefined);
    this.settings.delete(name);
  }

  renameSetting(name: string, to: string): void {
    const value = this.settings.get(name)!;
    this.settings.delete(name);
    this.settings.set(to, value);
    this.expect('setting', 'update', settingRow(this.owner, name, value), settingRow(this.owner, to, value));
  }

  expect(table: string, operation: string, before: Row | undefined, after: Row | undefined): void {
    this.expected.push({ table, operation, ...(before && { before }), ...(after && { after }) });
  }
}

function copyAccounts(accounts: ReadonlyMap<number, Known>): Map<number, Known> {
  return new Map(
    [...accounts].map(([id, known]) => [
      id,
      { ...known, movements: new Map(known.movements), labels: new Set(known.labels) },
    ]),
  );
}
