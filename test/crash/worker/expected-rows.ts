import { blob, integer, real, type Row, storedOf, text } from '../oracle/stored';
import type { Known } from './known';

/** All of an account but its timestamps, which a client can't know beforehand. */
export function accountRow(known: Known): Row {
  return {
    id: integer(known.id),
    owner: text(known.owner),
    name: text(known.name),
    balance: integer(known.balance),
    amount: Number.isInteger(known.amount) ? integer(known.amount) : real(known.amount),
    interest_rate: real(known.rate),
    is_active: integer(known.isActive ? 1 : 0),
    serial: integer(BigInt(known.serial)),
    details: known.details === null ? 'null' : text(JSON.stringify(known.details)),
    photo: known.photo === null ? 'null' : blob(known.photo),
    placeCity: storedOf(known.city),
    ...(known.isDeleted ? {} : { deletedAt: 'null' }),
  };
}

export function linkRow(account: Known, label: number): Row {
  return { accountId: integer(account.id), labelId: integer(label) };
}

export function movementRow(account: Known, tag: string): Row {
  return { accountId: integer(account.id), tag: text(tag), amount: integer(account.movements.get(tag)!) };
}

export function settingRow(owner: string, name: string, value: string): Row {
  return { owner: text(owner), name: text(name), value: text(value) };
}
