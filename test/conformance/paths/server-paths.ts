import { Category, User } from '../model/blog';
import { mainModel } from '../model/main-model';
import { onePerson, people, person } from '../model/people';
import { Animal } from '../model/shapes';
import { failing, PathList, type PathSpec, type WritePath } from '../write-path';
import { allPaths } from './all-paths';

/** What a path is on SQL Server, where it is not the same. */
interface Difference {
  why: string;
  /** The path in the terms of SQL Server; what is left out stays as it is. */
  spec?: Partial<PathSpec<never>>;
}

const merge = 'it has no MERGE, which TypeORM makes of it';
const givenNumbers = 'SET IDENTITY_INSERT has no effect on an INSERT with OUTPUT INTO a table variable';
const outputIsRefused =
  'without the library a trigger can’t count here: TypeORM’s OUTPUT is refused on a table with triggers (error 334)';

const differences: Record<string, Difference> = {
  'insert() with SQL fn value': {
    why: 'T-SQL joins texts by +',
    spec: {
      run: ({ manager }) => manager.insert(User, { ...person('Anna'), name: () => `upper('anna') + nchar(246)` }),
    },
  },
  'insert() array(3)': {
    why: 'an identity column takes given numbers from all rows of a statement, or from none',
    spec: {
      needs: givenNumbers,
      run: ({ manager }) =>
        manager.insert(User, [
          { id: 2_000_003, ...person('A') },
          { id: 2_000_050, ...person('B') },
          { id: 2_000_010, ...person('C') },
        ]),
    },
  },
  'save {id unknown, ...} → insert': {
    why: 'the number has to be free after all paths before',
    spec: { needs: givenNumbers, run: ({ manager }) => manager.save(User, { id: 1_000_000, ...person('Anna') }) },
  },
  'save update json same-content/new key order': {
    why: 'there is no JSON type before SQL Server 2025: TypeORM compares the texts',
    spec: { changes: 'user.U' },
  },
  "save bigint as JS string unchanged '5'": {
    why: 'the driver gives such numbers as texts, and so there is nothing to save',
    spec: { changes: 'none' },
  },
  'caught failing statement inside tx': {
    why: 'it is the same',
    spec: { needs: 'XACT_ABORT stays on the connection, and ends the next transaction that fails' },
  },
  'clear() (sqlite DELETE FROM; mssql TRUNCATE)': {
    why: 'TRUNCATE is refused for a table that others refer to, so it is another table; no trigger counts it',
    spec: {
      changes: 'animal.D×2, animal.T',
      prepare: async ({ manager }) => manager.insert(Animal, [{ name: 'Rex' }, { name: 'Tom' }]) as never,
      run: ({ manager }) => manager.clear(Animal),
      truth: 'rows',
    },
  },
  'softRemove(entity)': { why: outputIsRefused, spec: { truth: 'rows' } },
  'softRemove twice (already deleted)': { why: outputIsRefused, spec: { truth: 'rows' } },
  'recover(entity)': { why: outputIsRefused, spec: { truth: 'rows' } },
  'restore(criteria)': { why: outputIsRefused, spec: { truth: 'rows' } },
  'QB restore': { why: outputIsRefused, spec: { truth: 'rows' } },
  'upsert → insert': { why: 'it is a MERGE', spec: { needs: merge } },
  'upsert → update existing': { why: 'it is a MERGE', spec: { needs: merge } },
  'upsert mixed array': { why: 'it is a MERGE', spec: { needs: merge } },
  'upsert skipUpdateIfNoValuesChanged, unchanged': { why: 'it is a MERGE', spec: { needs: merge } },
  'insert().orIgnore() existing': { why: 'it is a MERGE', spec: { needs: merge } },
  'manager.query UPDATE': {
    why: 'T-SQL joins texts by +',
    spec: { run: ({ manager }) => manager.query(`UPDATE "user" SET name = name + @0, age = age + 1`, ['!']) },
  },
  'manager.query INSERT OR REPLACE (conflict on email)': {
    why: 'there is no OR REPLACE: what it does, in one batch',
    spec: {
      run: ({ manager }) =>
        manager.query(`DELETE FROM "user" WHERE email = 'anna@example.org';
          INSERT INTO "user" (name, email, version) VALUES ('New', 'anna@example.org', 1)`),
      truth: 'changes and rows',
    },
  },
};

/** The 97 write paths on SQL Server, each by its name. */
export const serverPaths: readonly WritePath[] = allPaths.map((path) => {
  const spec = differences[path.name]?.spec;
  return spec ? { ...path, ...(spec as Partial<WritePath>) } : path;
});

/** The differences, as lines for people. */
export const serverDifferences = Object.entries(differences).map(([name, { why }]) => `${name}: ${why}`);

/** What T-SQL has instead of an upsert, on every server that executes it. */
export const insteadOfMerge = new PathList(mainModel)
  .add('UPDATE, and INSERT where it met no row, in one batch', {
    changes: 'user.U, user.I',
    prepare: onePerson,
    run: async ({ manager }, { email }) => {
      for (const [name, key] of [
        ['Other', email],
        ['New', 'new@example.org'],
      ]) {
        await manager.query(
          `UPDATE "user" SET name = @0 WHERE email = @1;
          IF @@ROWCOUNT = 0 INSERT INTO "user" (name, email, version) VALUES (@0, @1, 1)`,
          [name, key],
        );
      }
    },
  })
  .add('INSERT … WHERE NOT EXISTS, of a row that is there', {
    changes: 'none',
    prepare: onePerson,
    run: ({ manager }, { email }) =>
      manager.query(
        `INSERT INTO "user" (name, email, version) SELECT 'Other', @0, 1 WHERE NOT EXISTS (SELECT 1 FROM "user" WHERE email = @0)`,
        [email],
      ),
  })
  .add('a batch that fails at its second statement', {
    changes: 'none',
    prepare: (app) => people(app, 'Anna', 'Bo'),
    run: ({ manager }) =>
      failing(() =>
        manager.query(
          `UPDATE "user" SET age = age + 1; UPDATE "user" SET email = 'one@example.org'; DELETE FROM "user"`,
        ),
      ),
    // Without the library the first statement stands: a batch becomes atomic by it.
    truth: 'none',
  })
  .add('SELECT INTO a variable and a loop', {
    changes: 'category.I×3, category.U×2, category.D',
    run: ({ manager }) =>
      manager.query(`DECLARE @n int = 0;
        WHILE @n < 3 BEGIN INSERT INTO category (name) VALUES (CONCAT('c', @n)); SET @n = @n + 1; END;
        UPDATE category SET name = name + '!' WHERE name <> 'c2'; DELETE FROM category WHERE name = 'c2'`),
  })
  .add('EXEC of SQL in a text', {
    changes: 'category.I',
    run: ({ manager }) =>
      manager.query(
        `EXEC sp_executesql N'INSERT INTO category (name) VALUES (@name)', N'@name varchar(20)', @name = 'red'`,
      ),
  })
  .add('UPDATE … FROM a join, DELETE … FROM a join', {
    changes: 'user.U, user.D, category.I',
    prepare: async (app) => {
      await app.manager.save(Category, { name: 'Anna' });
      return people(app, 'Anna', 'Bo');
    },
    run: async (app) => {
      await app.manager.query(`UPDATE u SET age = 99 FROM "user" u JOIN category c ON c.name = u.name`);
      await app.checkpoint();
      await app.manager.query(`DELETE u FROM "user" u JOIN category c ON c.name = u.name`);
      await app.manager.query(`INSERT INTO category (name) SELECT TOP (1) name FROM "user"`);
    },
  }).paths;
