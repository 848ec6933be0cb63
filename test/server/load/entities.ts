import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Shapes } from '../../crash/oracle/shape';

/** Of one writer alone. */
@Entity()
export class Account {
  @PrimaryColumn()
  id!: number;

  @Index()
  @Column({ length: 50 })
  owner!: string;

  @Column({ length: 100 })
  name!: string;

  @Column()
  balance!: number;
}

/** Of all writers. */
@Entity()
export class Counter {
  @PrimaryColumn()
  id!: number;

  @Column()
  value!: number;
}

export const entities = [Account, Counter];

/** The tables of these entities, written down by hand. */
export const tables: Shapes = {
  account: {
    key: ['id'],
    columns: {
      id: ['id', 'integer'],
      owner: ['owner', 'text'],
      name: ['name', 'text'],
      balance: ['balance', 'integer'],
    },
  },
  counter: { key: ['id'], columns: { id: ['id', 'integer'], value: ['value', 'integer'] } },
};
