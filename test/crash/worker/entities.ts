import {
  Column,
  DeleteDateColumn,
  Entity,
  JoinTable,
  ManyToMany,
  ManyToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  UpdateDateColumn,
} from 'typeorm';
import type { Details } from './known';

@Entity('label')
export class Label {
  @PrimaryColumn({ type: 'integer' })
  id!: number;

  @Column({ type: 'text' })
  name!: string;
}

export class Place {
  @Column({ type: 'text', nullable: true })
  city!: string | null;
}

@Entity('account')
export class Account {
  @PrimaryColumn({ type: 'integer' })
  id!: number;

  @Column({ type: 'text' })
  owner!: string;

  @Column({ type: 'text' })
  name!: string;

  @Column({ type: 'integer' })
  balance!: number;

  @Column({ type: 'numeric' })
  amount!: number;

  @Column({ type: 'float', name: 'interest_rate' })
  rate!: number;

  @Column({ type: 'boolean', name: 'is_active' })
  isActive!: boolean;

  @Column({ type: 'bigint' })
  serial!: string;

  @Column({ type: 'simple-json', nullable: true })
  details!: Details | null;

  @Column({ type: 'blob', nullable: true })
  photo!: Buffer | null;

  @Column(() => Place)
  place!: Place;

  @UpdateDateColumn()
  updatedAt!: Date;

  @DeleteDateColumn()
  deletedAt!: Date | null;

  @ManyToMany(() => Label)
  @JoinTable({ name: 'account_labels', joinColumn: { name: 'accountId' }, inverseJoinColumn: { name: 'labelId' } })
  labels?: Label[];
}

/** Goes with its account, by a cascade of the database. */
@Entity('movement')
export class Movement {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'integer' })
  accountId!: number;

  @ManyToOne(() => Account, { onDelete: 'CASCADE' })
  account?: Account;

  @Column({ type: 'text', unique: true })
  tag!: string;

  @Column({ type: 'integer' })
  amount!: number;
}

@Entity('setting')
export class Setting {
  @PrimaryColumn({ type: 'text' })
  owner!: string;

  @PrimaryColumn({ type: 'text' })
  name!: string;

  @Column({ type: 'text', collation: 'NOCASE' })
  value!: string;
}

/** Few rows that all clients change. */
@Entity('counter')
export class Counter {
  @PrimaryColumn({ type: 'integer' })
  id!: number;

  @Column({ type: 'integer' })
  value!: number;
}

export const entities = [Account, Label, Movement, Setting, Counter];
