import { ChildEntity, Column, Entity, PrimaryColumn, PrimaryGeneratedColumn, TableInheritance } from 'typeorm';

/** A key of two columns, one of them a text. */
@Entity()
export class Seat {
  @PrimaryColumn({ length: 10 })
  row!: string;

  @PrimaryColumn()
  number!: number;

  @Column({ length: 20 })
  guest!: string;
}

@Entity()
@TableInheritance({ column: { type: 'varchar', name: 'kind' } })
export class Content {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  title!: string;
}

@ChildEntity()
export class Film extends Content {
  @Column({ nullable: true })
  minutes!: number;
}

/** Numbers that a statement of a server counts as rows, in column n. */
export const numbers = (count: number) =>
  `(SELECT CONVERT(int, value) AS n FROM OPENJSON('[${Array.from({ length: count }, (_, n) => n + 1).join()}]')) s`;
