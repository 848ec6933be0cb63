import { Category, User } from '../model/blog';
import { mainModel } from '../model/main-model';
import { onePerson, person } from '../model/people';
import { failing, PathList } from '../write-path';

export const transactionPaths = new PathList(mainModel)
  .add('nested tx: inner rolled back, outer commits', {
    changes: 'category.I',
    run: ({ manager }) =>
      manager.transaction(async (outer) => {
        await outer.save(Category, { name: 'kept' });
        await failing(() =>
          outer.transaction(async (inner) => {
            await inner.save(Category, { name: 'undone' });
            throw new Error('no');
          }),
        );
      }),
  })
  .add('nested tx: both commit', {
    changes: 'category.I×2',
    run: ({ manager }) =>
      manager.transaction(async (outer) => {
        await outer.save(Category, { name: 'outer' });
        await outer.transaction((inner) => inner.save(Category, { name: 'inner' }));
      }),
  })
  .add('failed tx (rolled back)', {
    changes: 'none',
    run: ({ manager }) =>
      failing(() =>
        manager.transaction(async (inside) => {
          await inside.save(Category, { name: 'undone' });
          throw new Error('no');
        }),
      ),
  })
  .add('failed save (constraint in 2nd row)', {
    changes: 'none',
    run: ({ manager }) => failing(() => manager.save(User, [person('Anna'), person('Anna')])),
  })
  .add('caught failing statement inside tx', {
    changes: 'category.I',
    prepare: onePerson,
    run: ({ manager }, { email }) =>
      manager.transaction(async (inside) => {
        await inside.save(Category, { name: 'kept' });
        await failing(() => inside.insert(User, person('Other', { email })));
      }),
  })
  .add('same entity saved twice in one tx', {
    changes: 'category.I, category.U×2',
    run: ({ manager }) =>
      manager.transaction(async (inside) => {
        const category = await inside.save(inside.create(Category, { name: 'one' }));
        await inside.save(Object.assign(category, { name: 'two' }));
        await inside.save(Object.assign(category, { name: 'three' }));
      }),
  })
  .add('save array w/ same row twice', {
    changes: 'user.U×2',
    prepare: onePerson,
    run: ({ manager }, { id }) =>
      manager.save(User, [
        { id, name: 'Other' },
        { id, age: 31 },
      ]),
  }).paths;
