import {
  BeforeUpdate,
  Column,
  DeleteDateColumn,
  Entity,
  Generated,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  VirtualColumn,
} from 'typeorm';
import type { Model } from '../write-path';

@Entity('folder')
export class Folder {
  @PrimaryGeneratedColumn('uuid')
  id!: string;

  @Column({ type: 'varchar', name: 'display_name' })
  name!: string;

  @Column({ type: 'integer', default: 0 })
  edits!: number;

  @DeleteDateColumn({ type: 'datetime' })
  deletedAt!: Date | null;

  @OneToMany(() => Sheet, (sheet) => sheet.folder, { cascade: true })
  sheets!: Sheet[];

  /** Not in the table. */
  @VirtualColumn({ type: 'integer', query: (alias) => `SELECT length(${alias}.display_name)` })
  length!: number;

  @BeforeUpdate()
  countEdit(): void {
    this.edits += 1;
  }
}

@Entity('sheet')
export class Sheet {
  @PrimaryColumn({ type: 'varchar' })
  book!: string;

  @PrimaryColumn({ type: 'integer' })
  page!: number;

  @Column({ type: 'simple-enum', enum: ['draft', 'final'], default: 'draft' })
  state!: string;

  @Column({ type: 'simple-array', nullable: true })
  tags!: string[] | null;

  @Column({ type: 'date', nullable: true })
  day!: string | null;

  @DeleteDateColumn({ type: 'datetime' })
  deletedAt!: Date | null;

  @ManyToOne(() => Folder, (folder) => folder.sheets, { orphanedRowAction: 'delete', nullable: true })
  folder!: Folder | null;

  /** Joins the table with itself: two columns of the same relation. */
  @ManyToMany(() => Sheet)
  @JoinTable()
  related!: Sheet[];
}

class Money {
  @Column({ type: 'decimal', precision: 38, scale: 10, nullable: true })
  amount!: string | null;

  @Column({ type: 'varchar', nullable: true, select: false })
  account!: string | null;
}

class Price {
  @Column(() => Money)
  net!: Money;

  @Column(() => Money, { prefix: false })
  gross!: Money;
}

@Entity('remark')
export class Remark {
  /** The key is a foreign key as well. */
  @PrimaryColumn({ type: 'varchar' })
  folderId!: string;

  @OneToOne(() => Folder, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'folderId' })
  folder!: Folder;

  /** A foreign key of two columns. */
  @ManyToOne(() => Sheet, { nullable: true, onDelete: 'SET NULL', onUpdate: 'CASCADE' })
  sheet!: Sheet | null;

  @Column({ type: 'varchar' })
  @Generated('uuid')
  token!: string;

  @Column(() => Price)
  price!: Price;
}

export const ormModel: Model = { name: 'features of the ORM', entities: [Folder, Sheet, Remark] };
