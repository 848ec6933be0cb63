import { Category, Post, Profile, User } from '../model/blog';
import { mainModel } from '../model/main-model';
import { people, person } from '../model/people';
import { PathList, type App } from '../write-path';

const two = (app: App): Promise<User[]> => people(app, 'Anna', 'Bo');

/** A post of Anna's in one category, as one finds it. */
async function post({ manager }: App): Promise<{ author: User; profile: Profile; post: Post }> {
  const author = await manager.save(manager.create(User, person('Anna')));
  const profile = await manager.save(manager.create(Profile, { bio: 'a life' }));
  const category = await manager.save(Category, { name: 'red' });
  const { id } = await manager.save(manager.create(Post, { title: 'a post', author, prof: profile, cats: [category] }));
  return { author, profile, post: await manager.findOneOrFail(Post, { where: { id }, relations: { cats: true } }) };
}

export const rawPaths = new PathList(mainModel)
  .add('manager.query UPDATE', {
    changes: 'user.U×2',
    prepare: two,
    run: ({ manager }) => manager.query(`UPDATE user SET name = name || ?, age = age + 1`, ['!']),
  })
  .add('manager.query DELETE', {
    changes: 'user.D×2',
    prepare: two,
    run: ({ manager }) => manager.query(`DELETE FROM "user"`),
  })
  .add('manager.query INSERT OR REPLACE (conflict on email)', {
    changes: 'user.D, user.I',
    prepare: two,
    run: ({ manager }) =>
      manager.query(`INSERT OR REPLACE INTO user (name, email, version) VALUES ('New', 'anna@example.org', 1)`),
    truth: 'rows',
  })
  .add('DB ON DELETE CASCADE + SET NULL (delete user, profile)', {
    changes: 'post_cats_category.D, post.D, user.D',
    prepare: post,
    run: ({ manager }, { author }) => manager.delete(User, author.id),
  })
  .add('DB ON DELETE SET NULL via remove(profile)', {
    changes: 'post.U, profile.D',
    prepare: post,
    run: ({ manager }, { profile }) => manager.remove(profile),
  })
  .add('remove(user) → FK cascade to posts + junction', {
    changes: 'post_cats_category.D, post.D, user.D',
    prepare: post,
    run: ({ manager }, { author }) => manager.remove(author),
  })
  .add('remove(post) with m2m', {
    changes: 'post_cats_category.D, post.D',
    prepare: post,
    run: ({ manager }, { post: found }) => manager.remove(found),
  }).paths;
