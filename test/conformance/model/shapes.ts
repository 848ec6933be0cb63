import {
  ChildEntity,
  Column,
  Entity,
  EntitySchema,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  TableInheritance,
  Tree,
  TreeChildren,
  TreeParent,
} from 'typeorm';

@Entity('tc')
@Tree('closure-table', { closureTableName: 'tc' })
export class TC {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id!: number;

  @Column({ type: 'varchar' })
  name!: string;

  @TreeChildren()
  children!: TC[];

  @TreeParent({ onDelete: 'CASCADE' })
  parent!: TC | null;
}

@Entity('tm')
@Tree('materialized-path')
export class TM {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id!: number;

  @Column({ type: 'varchar' })
  name!: string;

  @TreeChildren()
  children!: TM[];

  @TreeParent()
  parent!: TM | null;
}

@Entity('tn')
@Tree('nested-set')
export class TN {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id!: number;

  @Column({ type: 'varchar' })
  name!: string;

  @TreeChildren()
  children!: TN[];

  @TreeParent()
  parent!: TN | null;
}

@Entity('animal')
@TableInheritance({ column: { type: 'varchar', name: 'kind' } })
export class Animal {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id!: number;

  @Column({ type: 'varchar' })
  name!: string;
}

@ChildEntity()
export class Dog extends Animal {
  @Column({ type: 'boolean', nullable: true })
  barks!: boolean | null;
}

@ChildEntity()
export class Cat extends Animal {
  @Column({ type: 'integer', nullable: true })
  lives!: number | null;
}

@Entity('comp')
export class Comp {
  @PrimaryColumn({ type: 'integer' })
  a!: number;

  @PrimaryColumn({ type: 'varchar' })
  b!: string;

  @Column({ type: 'varchar', nullable: true })
  v!: string | null;
}

export interface Thing {
  id: number;
  label: string;
}

export const ThingSchema = new EntitySchema<Thing>({
  name: 'Thing',
  tableName: 'thing',
  columns: {
    id: { type: 'integer', primary: true, generated: true },
    label: { type: 'varchar' },
  },
});
