import { isTypeorm03 } from '../../support/typeorm-line';
import { Category, Post, User } from '../model/blog';
import { mainModel } from '../model/main-model';
import { onePerson, people, person } from '../model/people';
import { PathList, type App } from '../write-path';

const two = (app: App): Promise<User[]> => people(app, 'Anna', 'Bo');

async function postWithCategory(app: App): Promise<{ post: Post; category: Category; author: User }> {
  const author = await onePerson(app);
  const category = await app.manager.save(Category, { name: 'red' });
  const post = await app.manager.save(app.manager.create(Post, { title: 'a post', author, cats: [category] }));
  return { post, category, author };
}

async function postAlone(app: App): Promise<{ post: Post; category: Category; author: User }> {
  const author = await onePerson(app);
  const category = await app.manager.save(Category, { name: 'red' });
  return { post: await app.manager.save(app.manager.create(Post, { title: 'a post' })), category, author };
}

export const queryBuilderPaths = new PathList(mainModel)
  .add('QB insert', {
    changes: 'user.I',
    run: ({ manager }) => manager.createQueryBuilder().insert().into(User).values(person('Anna')).execute(),
  })
  .add('QB insert … select', {
    lacking: isTypeorm03 ? 'TypeORM 0.3 has no INSERT … SELECT' : undefined,
    changes: 'category.I×2',
    prepare: two,
    run: ({ manager }) =>
      manager
        .createQueryBuilder()
        .insert()
        .into(Category, ['name'])
        .valuesFromSelect((query) => query.select('user.name', 'name').from(User, 'user'))
        .execute(),
  })
  .add('QB update where', {
    changes: 'user.U×2',
    prepare: two,
    run: ({ manager }) =>
      manager.createQueryBuilder().update(User).set({ name: 'Same' }).where('age >= :age', { age: 30 }).execute(),
  })
  .add('QB update whereEntity+updateEntity', {
    changes: 'user.U',
    prepare: two,
    run: ({ manager }, users) =>
      manager
        .createQueryBuilder()
        .update(User)
        .set({ name: 'Other' })
        .whereEntity(users[0]!)
        .updateEntity(true)
        .execute(),
  })
  .add('QB update by table name string', {
    changes: 'user.U',
    prepare: onePerson,
    run: ({ manager }) =>
      manager.createQueryBuilder().update('user').set({ name: 'Other' }).where(`name = 'Anna'`).execute(),
  })
  .add('QB update callListeners(false)', {
    changes: 'user.U',
    prepare: onePerson,
    run: ({ manager }) =>
      manager
        .createQueryBuilder()
        .update(User)
        .set({ name: 'Other' })
        .where(`name = 'Anna'`)
        .callListeners(false)
        .execute(),
  })
  .add('QB update useTransaction(true)', {
    changes: 'user.U',
    prepare: onePerson,
    run: ({ manager }) =>
      manager
        .createQueryBuilder()
        .update(User)
        .set({ name: 'Other' })
        .where(`name = 'Anna'`)
        .useTransaction(true)
        .execute(),
  })
  .add('QB delete', {
    changes: 'user.D×2',
    prepare: two,
    run: ({ manager }) => manager.createQueryBuilder().delete().from(User).where('age = 30').execute(),
  })
  .add('QB softDelete', {
    changes: 'user.U×2',
    prepare: two,
    run: ({ manager }) => manager.createQueryBuilder().softDelete().from(User).where('age = 30').execute(),
  })
  .add('QB restore', {
    changes: 'user.U×2',
    prepare: async (app) => app.manager.softRemove(await two(app)),
    run: ({ manager }) => manager.createQueryBuilder().restore().from(User).where('age = 30').execute(),
  })
  .add('QB relation m2m add', {
    changes: 'post_cats_category.I',
    prepare: postAlone,
    run: ({ manager }, { post, category }) =>
      manager.createQueryBuilder().relation(Post, 'cats').of(post.id).add(category.id),
  })
  .add('QB relation m2m remove', {
    changes: 'post_cats_category.D',
    prepare: postWithCategory,
    run: ({ manager }, { post, category }) =>
      manager.createQueryBuilder().relation(Post, 'cats').of(post.id).remove(category.id),
  })
  .add('QB relation m2o set', {
    changes: 'post.U',
    prepare: postAlone,
    run: ({ manager }, { post, author }) =>
      manager.createQueryBuilder().relation(Post, 'author').of(post.id).set(author.id),
  })
  .add('QB relation o2m add', {
    changes: 'post.U',
    prepare: postAlone,
    run: ({ manager }, { post, author }) =>
      manager.createQueryBuilder().relation(User, 'posts').of(author.id).add(post.id),
  })
  .add('QB relation o2m remove', {
    changes: 'post.U',
    prepare: postWithCategory,
    run: ({ manager }, { post, author }) =>
      manager.createQueryBuilder().relation(User, 'posts').of(author.id).remove(post.id),
  }).paths;
