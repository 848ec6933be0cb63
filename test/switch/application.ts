import {
  ChildEntity,
  Column,
  CreateDateColumn,
  type DataSource,
  DeleteDateColumn,
  Entity,
  type EntityManager,
  Index,
  JoinTable,
  ManyToMany,
  ManyToOne,
  OneToOne,
  JoinColumn,
  PrimaryColumn,
  PrimaryGeneratedColumn,
  TableInheritance,
  Tree,
  TreeChildren,
  TreeParent,
  VersionColumn,
  ViewEntity,
  ViewColumn,
} from 'typeorm';
import { NotAudited } from '../../src/index';

/** An application with every kind of table that TypeORM makes, of types that every database knows. */

@Entity()
export class Country {
  @PrimaryColumn({ length: 10 })
  code!: string;

  @Column({ length: 100 })
  name!: string;
}

export class Address {
  @Column({ type: String, length: 100, nullable: true })
  street!: string | null;

  @ManyToOne(() => Country)
  country!: Country | null;
}

@Entity()
export class Skill {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ length: 50, unique: true })
  name!: string;
}

const shout = {
  to: (value: string | null) => value && `<${value}>`,
  from: (value: string | null) => value?.slice(1, -1) ?? null,
};

@Entity()
export class Person {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'simple-json', nullable: true })
  data!: unknown;

  @Column({ type: 'simple-array', nullable: true })
  tags!: string[] | null;

  @Column({ type: 'text', nullable: true })
  note!: string | null;

  @Column({ type: String, length: 100, nullable: true, transformer: shout })
  shouted!: string | null;

  @Column({ type: String, length: 100, nullable: true, select: false })
  hidden!: string | null;

  @Column({ type: 'simple-enum', enum: ['new', 'old'], default: 'new' })
  state!: string;

  @Column({ nullable: true })
  isActive!: boolean;

  @Column({ type: 'bigint', nullable: true })
  big!: string | number | null;

  @Column({ type: 'decimal', precision: 15, scale: 4, nullable: true })
  price!: number | null;

  @Column({ type: 'float', nullable: true })
  size!: number | null;

  @Column({ type: Date, nullable: true })
  at!: Date | null;

  @Column({ type: 'date', nullable: true, utc: true })
  born!: string | null;

  @CreateDateColumn()
  createdAt!: Date;

  @DeleteDateColumn()
  deletedAt!: Date | null;

  @VersionColumn()
  version!: number;

  @Column(() => Address)
  address!: Address;

  @ManyToMany(() => Skill)
  @JoinTable({ joinColumn: { name: 'person' }, inverseJoinColumn: { name: 'skill' } })
  skills!: Skill[];
}

@Entity()
export class Employee {
  @PrimaryGeneratedColumn()
  id!: number;

  @ManyToOne(() => Employee, { nullable: true })
  boss!: Employee | null;
}

/** Two tables that refer to each other. */
@Entity()
export class Team {
  @PrimaryGeneratedColumn()
  id!: number;

  @OneToOne(() => Member, { nullable: true })
  @JoinColumn()
  leader!: Member | null;
}

@Entity()
export class Member {
  @PrimaryGeneratedColumn()
  id!: number;

  @ManyToOne(() => Team, { nullable: false })
  team!: Team;
}

@Entity()
@Tree('closure-table')
export class Category {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ length: 50 })
  name!: string;

  @TreeParent()
  parent!: Category | null;

  @TreeChildren()
  children!: Category[];
}

@Entity()
@TableInheritance({ column: { type: 'varchar', name: 'kind' } })
export class Animal {
  @PrimaryGeneratedColumn()
  id!: number;
}

@ChildEntity()
export class Dog extends Animal {
  @Column({ length: 20 })
  bark!: string;
}

@Entity()
export class Pair {
  @PrimaryColumn()
  a!: number;

  @PrimaryColumn({ length: 50 })
  b!: string;

  @Index()
  @Column({ type: Number, nullable: true })
  value!: number | null;
}

@NotAudited()
@Entity()
export class Session {
  @PrimaryColumn({ length: 40 })
  token!: string;
}

@ViewEntity({ expression: 'SELECT code FROM country' })
export class Code {
  @ViewColumn()
  code!: string;
}

/** Without tables that refer to each other, or to themselves. */
export const plainEntities = [Country, Skill, Person, Animal, Dog, Pair, Session];
export const entities = [...plainEntities, Employee, Team, Member, Category, Code];

/** All that TypeORM reads of the tables, by table, in an order of their own; what is hidden as well. */
export async function readAll(dataSource: DataSource): Promise<Record<string, unknown[]>> {
  const found: Record<string, unknown[]> = {};
  for (const metadata of dataSource.entityMetadatas) {
    const { tableType, tableName, name } = metadata;
    if (tableType === 'view' || tableType === 'entity-child') continue;
    const isJunction = tableType === 'junction' || tableType === 'closure-junction';
    const query = dataSource
      .createQueryBuilder()
      .from(metadata.target as never, 'e')
      .select('e');
    if (!isJunction) {
      for (const column of metadata.columns) if (!column.isSelect) query.addSelect(`e.${column.propertyPath}`);
      query.withDeleted().loadAllRelationIds();
    }
    const rows: unknown[] = isJunction
      ? await dataSource.createQueryBuilder().select('*').from(tableName, 'e').getRawMany()
      : await query.getMany();
    found[name] = rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  return found;
}

/** Rows in every table of these entities; as many of `Person` as are asked for. */
export async function fill(manager: EntityManager, people: number): Promise<void> {
  await manager.save(Country, [
    { code: 'de', name: 'Deutschland ' },
    { code: 'öß', name: 'Ελλάδα 😀' },
  ]);
  const skills = await manager.save(Skill, [{ name: 'TypeScript' }, { name: 'SQL' }, { name: 'none' }]);
  await manager.delete(Skill, skills[2]!.id);
  for (let made = 0; made < Math.min(people, 10); made += 1) {
    await manager.save(Person, {
      data: { made, text: 'ü"\\', list: [null, true] },
      tags: ['a', ' b '],
      note: `note ${made} 😀  `,
      shouted: 'hello',
      hidden: 'secret',
      state: made % 2 ? 'new' : 'old',
      isActive: made % 3 === 0,
      big: made * 1_000_000,
      price: made + 0.25,
      size: made / 3,
      at: new Date(Date.UTC(2026, 0, 31, 12, 0, made, 10 * made)),
      born: '1999-12-31',
      address: { street: 'Weg 1', country: { code: 'de' } as Country },
      skills: skills.slice(0, made % 3),
    });
  }
  for (let made = 10; made < people; made += 500) {
    const rows = Array.from({ length: Math.min(500, people - made) }, () => ({ note: 'more' }));
    await manager.insert(Person, rows);
  }
  await manager.softDelete(Person, 2);
  await manager.save(Dog, { bark: 'wau' });
  await manager.save(Pair, [
    { a: 1, b: 'x ', value: null },
    { a: 1, b: 'y', value: 3 },
  ]);
  await manager.save(Session, { token: 't' });
}

/** The same of the tables that refer to each other, or to themselves. */
export async function fillCycles(manager: EntityManager): Promise<void> {
  const boss = await manager.save(Employee, new Employee());
  await manager.save(Employee, Object.assign(new Employee(), { boss }));
  // Refers to a row behind it.
  await manager.update(Employee, boss.id, { boss: { id: 2 } });
  const team = await manager.save(Team, new Team());
  const leader = await manager.save(Member, Object.assign(new Member(), { team }));
  await manager.update(Team, team.id, { leader });
  const parent = await manager.save(Category, { name: 'root' });
  await manager.save(Category, { name: 'leaf', parent });
}
