import { In } from 'typeorm';
import { isTypeorm03 } from '../../support/typeorm-line';
import { User } from '../model/blog';
import { mainModel } from '../model/main-model';
import { onePerson, people, person } from '../model/people';
import { PathList, type App } from '../write-path';

const two = (app: App): Promise<User[]> => people(app, 'Anna', 'Bo');
const three = (app: App): Promise<User[]> => people(app, 'Anna', 'Bo', 'Cy');
const idsOf = (users: User[]): number[] => users.map(({ id }) => id);

export const repositoryPaths = new PathList(mainModel)
  .add('insert()', { changes: 'user.I', run: ({ manager }) => manager.insert(User, person('Anna')) })
  .add('insert() array(3)', {
    changes: 'user.I×3',
    run: ({ manager }) => manager.insert(User, [person('A'), { id: 50, ...person('B') }, { id: 10, ...person('C') }]),
  })
  .add('insert() with SQL fn value', {
    changes: 'user.I',
    run: ({ manager }) => manager.insert(User, { ...person('Anna'), name: () => `upper('anna') || char(955)` }),
  })
  .add('update(criteria) 2 rows', {
    changes: 'user.U×2',
    prepare: three,
    run: ({ manager }, users) => manager.update(User, { id: In(idsOf(users.slice(0, 2))) }, { name: 'Same' }),
  })
  .add('update(id)', {
    changes: 'user.U',
    prepare: two,
    run: ({ manager }, users) => manager.update(User, users[0]!.id, { name: 'Other' }),
  })
  .add('update(criteria) matching 0 rows', {
    changes: 'none',
    prepare: two,
    run: ({ manager }) => manager.update(User, { name: 'Nobody' }, { name: 'Other' }),
  })
  .add('update(criteria) SQL expression', {
    changes: 'user.U',
    prepare: two,
    run: ({ manager }, users) => manager.update(User, { id: users[0]!.id }, { age: () => 'age * 2 + 1' }),
  })
  .add('updateAll', {
    changes: 'user.U×2',
    prepare: two,
    run: ({ manager }) => manager.getRepository(User).updateAll({ name: 'Same' }),
  })
  .add('increment', {
    changes: 'user.U×2',
    prepare: two,
    run: ({ manager }) => manager.increment(User, { age: 30 }, 'age', 3),
  })
  .add('decrement', {
    changes: 'user.U',
    prepare: two,
    run: ({ manager }) => manager.decrement(User, { name: 'Anna' }, 'age', 3),
  })
  .add('delete(criteria) 2 rows', {
    changes: 'user.D×2',
    prepare: three,
    run: ({ manager }, users) => manager.delete(User, { id: In(idsOf(users.slice(1))) }),
  })
  .add('delete(id)', {
    changes: 'user.D',
    prepare: two,
    run: ({ manager }, users) => manager.delete(User, users[0]!.id),
  })
  .add('deleteAll', {
    changes: 'user.D×2',
    prepare: two,
    run: ({ manager }) => manager.getRepository(User).deleteAll(),
  })
  .add('clear() (sqlite DELETE FROM; mssql TRUNCATE)', {
    changes: 'user.D×2, user.T',
    prepare: two,
    run: ({ manager }) => manager.clear(User),
  })
  .add('remove(entity)', {
    changes: 'user.D',
    prepare: onePerson,
    run: ({ manager }, user) => manager.remove(user),
  })
  .add('remove(array of 2)', {
    changes: 'user.D×2',
    prepare: three,
    run: ({ manager }, users) => manager.remove(users.slice(0, 2)),
  })
  .add('remove({id} partial instance)', {
    changes: 'user.D',
    prepare: onePerson,
    run: ({ manager }, { id }) => manager.remove(manager.create(User, { id })),
  })
  .add('softRemove(entity)', {
    changes: 'user.U',
    prepare: onePerson,
    run: ({ manager }, user) => manager.softRemove(user),
  })
  .add('softRemove twice (already deleted)', {
    // TypeORM 0.3 writes another date into a row that is deleted already.
    changes: isTypeorm03 ? 'user.U' : 'none',
    prepare: async (app) => app.manager.softRemove(await onePerson(app)),
    run: ({ manager }, { id }) => manager.softRemove(User, { id }),
  })
  .add('recover(entity)', {
    changes: 'user.U',
    prepare: async (app) => app.manager.softRemove(await onePerson(app)),
    run: ({ manager }, user) => manager.recover(user),
  })
  .add('softDelete(criteria)', {
    changes: 'user.U×2',
    prepare: two,
    run: ({ manager }, users) => manager.softDelete(User, { id: In(idsOf(users)) }),
  })
  .add('restore(criteria)', {
    changes: 'user.U×2',
    prepare: async (app) => app.manager.softRemove(await two(app)),
    run: ({ manager }, users) => manager.restore(User, { id: In(idsOf(users)) }),
  })
  .add('upsert → insert', {
    changes: 'user.I',
    run: ({ manager }) => manager.upsert(User, person('Anna'), ['email']),
  })
  .add('upsert → update existing', {
    changes: 'user.U',
    prepare: onePerson,
    run: ({ manager }, { email }) => manager.upsert(User, { name: 'Other', email }, ['email']),
  })
  .add('upsert mixed array', {
    changes: 'user.U, user.I',
    prepare: onePerson,
    run: ({ manager }, { email }) =>
      manager.upsert(
        User,
        [
          { name: 'Other', email },
          { name: 'New', email: 'new@example.org' },
        ],
        ['email'],
      ),
  })
  .add('upsert skipUpdateIfNoValuesChanged, unchanged', {
    changes: 'none',
    prepare: onePerson,
    run: ({ manager }, { name, email }) =>
      manager.upsert(User, { name, email }, { conflictPaths: ['email'], skipUpdateIfNoValuesChanged: true }),
  })
  .add('insert().orIgnore() existing', {
    changes: 'none',
    prepare: onePerson,
    run: ({ manager }, { email }) =>
      manager.createQueryBuilder().insert().into(User).values(person('Other', { email })).orIgnore().execute(),
  }).paths;
