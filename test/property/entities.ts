import {
  Column,
  DeleteDateColumn,
  Entity,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  VersionColumn,
} from 'typeorm';

// Every row says whose it is: `owner` is the number of the flow, keys lie in the flow's own range, and `token` names the
// step that wrote the row last; it is never loaded, so that no entity carries the token of one step into another. No time
// is filled in on update, so that the same program gives the same rows again.

@Entity('author')
export class Author {
  @PrimaryColumn({ type: 'integer' })
  id!: number;

  @Column({ type: 'integer' })
  owner!: number;

  @Column({ type: 'varchar', nullable: true, select: false })
  token!: string | null;

  @Column({ type: 'varchar', unique: true, collation: 'NOCASE' })
  handle!: string;

  /** Raw SQL puts texts, reals and blobs here. */
  @Column({ type: 'integer', nullable: true })
  score!: number | null;

  @Column({ type: 'varchar', nullable: true, select: false })
  secret!: string | null;

  @Column({ type: 'simple-json', nullable: true })
  meta!: unknown;

  @DeleteDateColumn()
  deletedAt!: Date | null;

  @OneToMany(() => Book, (book) => book.author, { cascade: true })
  books!: Book[];
}

@Entity('tag')
export class Tag {
  @PrimaryColumn({ type: 'integer' })
  id!: number;

  @Column({ type: 'integer' })
  owner!: number;

  @Column({ type: 'varchar', nullable: true, select: false })
  token!: string | null;

  @Column({ type: 'text', collation: 'NOCASE' })
  label!: string;

  @Column({ type: 'blob', nullable: true })
  data!: Buffer | null;
}

@Entity('book')
export class Book {
  @PrimaryColumn({ type: 'integer' })
  id!: number;

  @Column({ type: 'integer' })
  owner!: number;

  @Column({ type: 'varchar', nullable: true, select: false })
  token!: string | null;

  @Column({ type: 'varchar', unique: true })
  title!: string;

  @Column({ type: 'real', nullable: true })
  price!: number | null;

  @Column({ type: 'bigint', nullable: true })
  big!: string | null;

  @VersionColumn()
  version!: number;

  @ManyToOne(() => Author, (author) => author.books, { nullable: true, onDelete: 'CASCADE', onUpdate: 'CASCADE' })
  author!: Author | null;

  @ManyToOne(() => Author, { nullable: true, onDelete: 'SET NULL' })
  editor!: Author | null;

  @ManyToMany(() => Tag)
  @JoinTable({ name: 'book_tag' })
  tags!: Tag[];
}

@Entity('note')
export class Note {
  /** Given by the database, in the order of the inserts: the one column that depends on how flows interleave. */
  @PrimaryGeneratedColumn()
  serial!: number;

  @Column({ type: 'integer' })
  owner!: number;

  @Column({ type: 'varchar', nullable: true, select: false })
  token!: string | null;

  @Column({ type: 'text' })
  body!: string;

  @ManyToOne(() => Book, { nullable: true, onDelete: 'CASCADE' })
  book!: Book | null;

  @DeleteDateColumn()
  deletedAt!: Date | null;
}

/** The one table that a flow clears, rows of others included. */
@Entity('scrap')
export class Scrap {
  @PrimaryGeneratedColumn()
  serial!: number;

  @Column({ type: 'integer' })
  owner!: number;

  @Column({ type: 'varchar', nullable: true, select: false })
  token!: string | null;
}

export const entities = [Author, Tag, Book, Note, Scrap];

/** Children first, so that deleting in this order cascades nowhere. */
export const tables = ['book_tag', 'note', 'book', 'author', 'tag', 'scrap'];
