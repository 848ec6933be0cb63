import {
  Column,
  DeleteDateColumn,
  Entity,
  JoinTable,
  ManyToMany,
  PrimaryColumn,
  PrimaryGeneratedColumn,
} from 'typeorm';
import { ChildEntity, TableInheritance, VersionColumn } from 'typeorm';
import { NotAudited, Redacted } from '../../src/index';

@Entity()
export class Tag {
  @PrimaryColumn({ length: 20 })
  name!: string;
}

@Entity()
export class Article {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ length: 100 })
  title!: string;

  @Column({ type: 'decimal', precision: 10, scale: 2, nullable: true })
  price!: number | null;

  @Column({ type: 'bigint', nullable: true })
  views!: string | null;

  @Column({ type: 'float', nullable: true })
  weight!: number | null;

  @Column({ nullable: true })
  isOpen!: boolean;

  @Column({ type: 'simple-json', nullable: true })
  data!: unknown;

  @Column({ type: 'datetime2', precision: 3, nullable: true })
  at!: Date | null;

  @Column({ type: 'uniqueidentifier', nullable: true })
  ref!: string | null;

  @Redacted()
  @Column({ nullable: true })
  secret!: string;

  @NotAudited()
  @Column({ nullable: true })
  scratch!: string;

  @Column({ select: false, nullable: true })
  hidden!: string;

  @VersionColumn()
  version!: number;

  @DeleteDateColumn()
  deletedAt!: Date | null;

  @ManyToMany(() => Tag)
  @JoinTable()
  tags!: Tag[];
}

@Entity()
export class Pair {
  @PrimaryColumn()
  a!: number;

  @PrimaryColumn({ length: 50 })
  b!: string;

  @Column({ nullable: true, length: 'max' })
  value!: string;
}

@Entity()
@TableInheritance({ column: { type: 'varchar', name: 'kind' } })
export class Animal {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  name!: string;
}

@ChildEntity()
export class Dog extends Animal {}

export const entities = [Tag, Article, Pair, Animal, Dog];

@Entity()
export class Guided {
  @PrimaryColumn('uuid')
  id!: string;
}

@Entity()
export class Priced {
  @PrimaryColumn({ type: 'decimal', precision: 10, scale: 4 })
  price!: string;

  @PrimaryColumn()
  at!: number;
}
