import type { Shapes } from './oracle/shape';

/** The tables of the worker's entities, as the database has them. */
export const tables: Shapes = {
  account: {
    key: ['id'],
    deletedAt: 'deletedAt',
    columns: {
      id: ['id', 'integer'],
      owner: ['owner', 'text'],
      name: ['name', 'text'],
      balance: ['balance', 'integer'],
      amount: ['amount', 'decimal'],
      interest_rate: ['rate', 'real'],
      is_active: ['isActive', 'boolean'],
      serial: ['serial', 'bigint'],
      details: ['details', 'json'],
      photo: ['photo', 'blob'],
      placeCity: ['place.city', 'text'],
      updatedAt: ['updatedAt', 'instant'],
      deletedAt: ['deletedAt', 'instant'],
    },
  },
  label: { key: ['id'], columns: { id: ['id', 'integer'], name: ['name', 'text'] } },
  account_labels: {
    key: ['accountId', 'labelId'],
    junction: true,
    columns: { accountId: ['accountId', 'integer'], labelId: ['labelId', 'integer'] },
  },
  movement: {
    key: ['id'],
    columns: {
      id: ['id', 'integer'],
      accountId: ['accountId', 'integer'],
      tag: ['tag', 'text'],
      amount: ['amount', 'integer'],
    },
  },
  setting: {
    key: ['owner', 'name'],
    columns: { owner: ['owner', 'text'], name: ['name', 'text'], value: ['value', 'text'] },
  },
  counter: { key: ['id'], columns: { id: ['id', 'integer'], value: ['value', 'integer'] } },
};
