import {
  Check,
  Column,
  CreateDateColumn,
  DeleteDateColumn,
  Entity,
  ForeignKey,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  Unique,
  UpdateDateColumn,
} from 'typeorm';
import { NotAudited, Redacted } from '../../src/index';

/** An application with a bit of everything that the suite has to find its way through. */

@Entity()
export class Team {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column({ type: 'varchar', length: 8, unique: true })
  code!: string;

  /** A cycle that starts with an empty column. */
  @ManyToOne(() => Employee, { nullable: true, onDelete: 'SET NULL' })
  lead!: Employee | null;
}

@Entity()
export class Employee {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'varchar' })
  name!: string;

  @Redacted()
  @Column({ type: 'varchar' })
  passport!: string;

  @Redacted()
  @Column({ type: 'integer', nullable: true })
  salary!: number | null;

  @NotAudited()
  @Column({ type: 'varchar', nullable: true })
  mood!: string | null;

  @ManyToOne(() => Team, { nullable: false })
  team!: Promise<Team>;

  @DeleteDateColumn()
  leftAt!: Date | null;
}

@Entity()
export class Tag {
  /** A table without anything optional. */
  @PrimaryColumn({ type: 'varchar', length: 20 })
  word!: string;
}

@Entity()
@Unique(['year', 'number'])
@Check('amount_is_fair', '"amount" BETWEEN 1 AND 100')
export class Invoice {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'integer' })
  year!: number;

  @Column({ type: 'bigint' })
  number!: string;

  @Column({ type: 'integer' })
  amount!: number;

  @Column({ type: 'simple-enum', enum: ['open', 'paid'] })
  state!: string;

  @Column({ type: 'simple-json', nullable: true })
  details!: unknown;

  @Column({
    type: 'text',
    transformer: { to: (lines: string[]) => lines.join('\n'), from: (text: string) => text.split('\n') },
  })
  lines!: string[];

  @ForeignKey(() => Employee)
  @Column({ type: 'integer' })
  clerkId!: number;

  @ManyToMany(() => Tag)
  @JoinTable()
  tags!: Tag[];

  @OneToMany(() => Reminder, (reminder) => reminder.invoice)
  reminders!: Reminder[];

  @CreateDateColumn()
  createdAt!: Date;

  @UpdateDateColumn()
  updatedAt!: Date;
}

@Entity()
export class Reminder {
  /** The key of a row of another table is part of this one's. */
  @ManyToOne(() => Invoice, (invoice) => invoice.reminders, { onDelete: 'CASCADE' })
  @PrimaryColumn({ type: 'integer', name: 'invoiceId' })
  invoice!: Invoice;

  @PrimaryColumn({ type: 'integer' })
  level!: number;

  @Column({ type: 'date' })
  day!: string;
}

@NotAudited()
@Entity()
export class Visit {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'varchar' })
  page!: string;
}

export const office = [Team, Employee, Tag, Invoice, Reminder, Visit];
