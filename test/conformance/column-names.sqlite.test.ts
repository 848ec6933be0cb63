import { Column, Entity, PrimaryColumn } from 'typeorm';
import { afterAll, expect, test } from 'vitest';
import { NotAudited, Redacted } from '../../src/index';
import { openSqlite } from '../support/sqlite';
import { SqliteTarget } from './sqlite-target';
import type { Model } from './write-path';

/** An entity over a table that somebody else made: names differ in case, which SQLite does not mind. */
@Entity({ name: 'person', synchronize: false })
class Person {
  @PrimaryColumn({ type: 'integer' })
  Id!: number;

  @Column({ type: 'varchar', name: 'FullName' })
  name!: string;

  @Redacted()
  @Column({ type: 'varchar', name: 'Password' })
  password!: string;

  @NotAudited()
  @Column({ type: 'varchar', name: 'Scratch' })
  scratch!: string;
}

const model: Model = {
  name: 'names in another case',
  entities: [Person],
  setup: [`CREATE TABLE person (ID INTEGER PRIMARY KEY, fullname TEXT, password TEXT, scratch TEXT)`],
};
const target = new SqliteTarget();

afterAll(() => target.dispose());

test('columns whose names differ only in case keep their properties and their privacy', async () => {
  const database = await target.open(model);
  try {
    const { dataSource } = database;
    await dataSource.manager.insert(Person, { Id: 1, name: 'Anna', password: 'top secret', scratch: 'unrecorded' });
    const { entries } = await database.recorded();
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ entityId: '1', after: { Id: 1, name: 'Anna', password: { $redacted: true } } });
    expect(entries[0]!.after).not.toHaveProperty('scratch');
    const handle = openSqlite(dataSource.options.database as string, { readonly: true });
    const everything = JSON.stringify(handle.all('SELECT * FROM audit_entry'));
    handle.close();
    expect(everything).not.toMatch(/top secret|unrecorded/);
  } finally {
    await database.close();
  }
});
