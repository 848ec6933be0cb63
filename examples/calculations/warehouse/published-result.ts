import { Column, CreateDateColumn, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** A result as it was when somebody published it; nothing changes it afterwards. */
@Entity('published_result')
export class PublishedResult {
  @PrimaryGeneratedColumn()
  id!: number;

  /** Of the user calculation, in the other database. */
  @Column()
  calculationId!: number;

  @Column({ type: 'nvarchar', length: 100 })
  name!: string;

  @Column({ type: 'float' })
  result!: number;

  @CreateDateColumn()
  publishedAt!: Date;
}
