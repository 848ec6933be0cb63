import 'reflect-metadata';
import {
  Column,
  CreateDateColumn,
  Entity,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryGeneratedColumn,
  UpdateDateColumn,
} from 'typeorm';

/** The row of most figures: nine columns of the usual types, one of them 300 bytes of JSON. */
@Entity()
export class Invoice {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'varchar' })
  customer!: string;

  @Column({ type: 'varchar' })
  status!: string;

  @Column({ type: 'decimal', precision: 12, scale: 2 })
  total!: string;

  @Column({ type: 'integer' })
  positions!: number;

  @Column({ type: 'boolean' })
  isPaid!: boolean;

  @Column({ type: 'simple-json' })
  details!: object;

  @CreateDateColumn()
  createdAt!: Date;

  @UpdateDateColumn()
  updatedAt!: Date;

  @ManyToMany(() => Label)
  @JoinTable()
  labels?: Label[];
}

@Entity()
export class Label {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'varchar' })
  name!: string;
}

/** A graph: saved together with its items. */
@Entity()
export class Parcel {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'varchar' })
  address!: string;

  @OneToMany(() => ParcelItem, (item) => item.parcel, { cascade: true })
  items!: ParcelItem[];
}

@Entity()
export class ParcelItem {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'varchar' })
  name!: string;

  @Column({ type: 'integer' })
  quantity!: number;

  @ManyToOne(() => Parcel, (parcel) => parcel.items)
  parcel!: Parcel;
}

export const entities = [Invoice, Label, Parcel, ParcelItem];

const detailsBytes = 300;

/** A new invoice; `number` makes it differ from others. */
export function newInvoice(number: number): Pick<Invoice, Exclude<keyof Invoice, 'id' | 'createdAt' | 'updatedAt'>> {
  const details = { number, address: { street: 'Long Street 1', city: 'Bern' }, tags: ['a', 'b'], note: '' };
  details.note = 'n'.repeat(detailsBytes - JSON.stringify(details).length);
  return {
    customer: `Customer ${number}`,
    status: 'draft',
    total: `${number % 1000}.25`,
    positions: number % 50,
    isPaid: number % 2 === 0,
    details,
  };
}
