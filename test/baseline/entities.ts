import { ChildEntity, Column, Entity, PrimaryColumn, PrimaryGeneratedColumn, TableInheritance } from 'typeorm';
import { NotAudited, Redacted } from '../../src/index';

/** Nine columns of the usual kinds. */
@Entity()
export class Item {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'varchar' })
  name!: string;

  @Column({ type: 'varchar', nullable: true })
  note!: string | null;

  @Column({ type: 'real' })
  price!: number;

  @Column({ type: 'bigint' })
  stock!: string;

  @Column({ type: 'boolean' })
  active!: boolean;

  @Column({ type: 'simple-json' })
  meta!: Record<string, unknown>;

  @Column({ type: 'datetime' })
  madeAt!: Date;

  @Column({ type: 'blob', nullable: true })
  picture!: Buffer | null;
}

/** A key of two columns, one of them in a collation. */
@Entity()
export class Seat {
  @PrimaryColumn({ type: 'varchar', collation: 'NOCASE' })
  row!: string;

  @PrimaryColumn({ type: 'integer' })
  number!: number;

  @Column({ type: 'varchar' })
  guest!: string;
}

@Entity()
@TableInheritance({ column: { type: 'varchar', name: 'kind' } })
export class Content {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'varchar' })
  title!: string;
}

@ChildEntity()
export class Article extends Content {
  @Column({ type: 'varchar' })
  text!: string;
}

@ChildEntity()
export class Film extends Content {
  @Column({ type: 'integer' })
  minutes!: number;
}

@Entity()
export class Account {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'varchar' })
  name!: string;

  @Redacted()
  @Column({ type: 'varchar' })
  password!: string;

  @NotAudited()
  @Column({ type: 'varchar', default: '' })
  scratch!: string;
}
