import {
  Column,
  CreateDateColumn,
  DeleteDateColumn,
  Entity,
  JoinColumn,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  OneToOne,
  PrimaryGeneratedColumn,
  UpdateDateColumn,
  VersionColumn,
} from 'typeorm';

/** A column whose value is not what the table holds. */
const list = {
  to: (value: string[] | null | undefined) => value?.join('|') ?? null,
  from: (value: string | null) => value?.split('|') ?? null,
};

export class Address {
  @Column({ type: 'varchar', nullable: true })
  city!: string | null;

  @Column({ type: 'varchar', nullable: true })
  zip!: string | null;
}

@Entity('profile')
export class Profile {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id!: number;

  @Column({ type: 'varchar' })
  bio!: string;
}

@Entity('category')
export class Category {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id!: number;

  @Column({ type: 'varchar' })
  name!: string;
}

@Entity('user')
export class User {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id!: number;

  @Column({ type: 'varchar' })
  name!: string;

  @Column({ type: 'varchar', unique: true })
  email!: string;

  @Column({ type: 'varchar', nullable: true, select: false })
  secret!: string | null;

  @Column({ type: 'integer', default: 18 })
  age!: number;

  @Column({ type: 'simple-json', nullable: true })
  meta!: object | null;

  @Column({ type: 'json', nullable: true })
  doc!: object | null;

  @Column({ type: 'bigint', nullable: true })
  big!: number | string | null;

  @Column({ type: 'blob', nullable: true })
  bin!: Buffer | null;

  @Column({ type: 'datetime', nullable: true })
  at!: Date | null;

  @Column({ type: 'text', nullable: true, transformer: list })
  tags!: string[] | null;

  @Column(() => Address)
  addr!: Address;

  @CreateDateColumn({ type: 'datetime' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'datetime' })
  updatedAt!: Date;

  @DeleteDateColumn({ type: 'datetime' })
  deletedAt!: Date | null;

  @VersionColumn({ type: 'integer' })
  version!: number;

  @OneToOne(() => Profile, { cascade: true, nullable: true })
  @JoinColumn()
  profile!: Profile | null;

  @OneToMany(() => Post, (post) => post.author, { cascade: true })
  posts!: Post[];
}

@Entity('post')
export class Post {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id!: number;

  @Column({ type: 'varchar' })
  title!: string;

  @ManyToOne(() => User, (user) => user.posts, { onDelete: 'CASCADE', nullable: true })
  author!: User | null;

  @ManyToOne(() => Profile, { onDelete: 'SET NULL', cascade: true, nullable: true })
  prof!: Profile | null;

  @ManyToMany(() => Category)
  @JoinTable()
  cats!: Category[];
}
