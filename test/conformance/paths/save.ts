import type { EntitySubscriberInterface, TransactionStartEvent } from 'typeorm';
import { Category, Post, Profile, User } from '../model/blog';
import { mainModel } from '../model/main-model';
import { onePerson, person } from '../model/people';
import { PathList } from '../write-path';

export const savePaths = new PathList(mainModel)
  .add('save insert (full)', { changes: 'user.I', run: ({ manager }) => manager.save(User, person('Anna')) })
  .add('save insert (only required cols; DB default age)', {
    changes: 'user.I',
    run: ({ manager }) => manager.save(User, { name: 'Bo', email: 'bo@example.org' }),
  })
  .add('save insert array(3)', {
    changes: 'user.I×3',
    run: ({ manager }) =>
      manager.save(
        User,
        ['A', 'B', 'C'].map((name) => person(name)),
      ),
  })
  .add('save insert array(3) chunk:1', {
    changes: 'user.I×3',
    run: ({ manager }) =>
      manager.save(
        User,
        ['A', 'B', 'C'].map((name) => person(name)),
        { chunk: 1 },
      ),
  })
  .add('save update (loaded by find)', {
    changes: 'user.U',
    prepare: onePerson,
    run: ({ manager }, user) => manager.save(Object.assign(user, { name: 'Other' })),
  })
  .add('save no-op (loaded, unchanged)', {
    changes: 'none',
    prepare: onePerson,
    run: ({ manager }, user) => manager.save(user),
  })
  .add('save partial {id,name}', {
    changes: 'user.U',
    prepare: onePerson,
    run: ({ manager }, { id }) => manager.save(User, { id, name: 'Other' }),
  })
  .add('save {id only}', {
    changes: 'none',
    prepare: onePerson,
    run: ({ manager }, { id }) => manager.save(User, { id }),
  })
  .add('save {id unknown, ...} → insert', {
    changes: 'user.I',
    run: ({ manager }) => manager.save(User, { id: 99, ...person('Anna') }),
  })
  .add('save update select:false col', {
    changes: 'user.U',
    prepare: onePerson,
    run: ({ manager }, { id }) => manager.save(User, { id, secret: 'another' }),
  })
  .add('save update select:false col to SAME value', {
    changes: 'user.U',
    prepare: onePerson,
    run: ({ manager }, { id, name }) => manager.save(User, { id, secret: `secret of ${name}` }),
  })
  .add('save update json same-content/new key order', {
    changes: 'none',
    prepare: onePerson,
    run: ({ manager }, { id }) => manager.save(User, { id, doc: { b: 'ä', z: [1.5, { y: null }] } }),
  })
  .add('save update json/Date/Buffer/bigint/transformer/embedded', {
    changes: 'user.U',
    prepare: onePerson,
    run: ({ manager }, { id }) =>
      manager.save(User, {
        id,
        meta: { c: 3 },
        at: new Date('1969-07-20T20:17:40.001Z'),
        bin: Buffer.from([0, 0]),
        big: '9007199254740991',
        tags: ['three'],
        addr: { city: 'Basel', zip: '3000' },
      }),
  })
  .add('save update row holding bigint > 2^53', {
    changes: 'user.U',
    prepare: async (app) => {
      const user = await onePerson(app);
      await app.manager.query(`UPDATE "user" SET big = 9007199254740993 WHERE id = ${user.id}`);
      return user;
    },
    run: ({ manager }, { id }) => manager.save(User, { id, name: 'Other' }),
  })
  .add(`save bigint as JS string unchanged '5'`, {
    changes: 'user.U',
    prepare: onePerson,
    run: ({ manager }, { id }) => manager.save(User, { id, big: '5' }),
  })
  .add('save cascade insert (user+profile+2 posts)', {
    changes: 'profile.I, user.I, post.I×2',
    run: ({ manager }) => {
      const posts = ['first', 'second'].map((title) => manager.create(Post, { title }));
      return manager.save(manager.create(User, { ...person('Anna'), profile: { bio: 'a life' }, posts }));
    },
  })
  .add('save cascade o2m orphan (posts=[])', {
    changes: 'post.U',
    prepare: async (app) => {
      const author = await onePerson(app);
      await app.manager.save(Post, { title: 'orphan to be', author });
      return app.manager.findOneOrFail(User, { where: { id: author.id }, relations: { posts: true } });
    },
    run: ({ manager }, user) => manager.save(Object.assign(user, { posts: [] })),
  })
  .add('save relation by id object (post.prof={id})', {
    changes: 'profile.I, post.U',
    prepare: ({ manager }) => manager.save(Post, { title: 'a post' }),
    run: async ({ manager }, { id }) => {
      const prof = await manager.save(Profile, { bio: 'new' });
      await manager.save(Post, { id, prof: { id: prof.id } });
    },
  })
  .add('save relation set null', {
    changes: 'post.U',
    prepare: async (app) => app.manager.save(Post, { title: 'a post', author: await onePerson(app) }),
    run: ({ manager }, { id }) => manager.save(Post, { id, author: null }),
  })
  .add('save m2m add+remove', {
    changes: 'post_cats_category.I, post_cats_category.D',
    prepare: async ({ manager }) => {
      const [red, blue] = await manager.save(Category, [{ name: 'red' }, { name: 'blue' }]);
      const { id } = await manager.save(manager.create(Post, { title: 'a post', cats: [red!] }));
      return { post: await manager.findOneOrFail(Post, { where: { id }, relations: { cats: true } }), blue: blue! };
    },
    run: ({ manager }, { post, blue }) => manager.save(Object.assign(post, { cats: [blue] })),
  })
  .add('save {listeners:false}', {
    changes: 'user.U',
    prepare: onePerson,
    run: ({ manager }, { id }) => manager.save(User, { id, name: 'Other' }, { listeners: false }),
  })
  .add('save insert {reload:false}', {
    changes: 'user.I',
    run: ({ manager }) => manager.save(User, person('Anna'), { reload: false }),
  })
  .add('save update {reload:false}', {
    changes: 'user.U',
    prepare: onePerson,
    run: ({ manager }, { id }) => manager.save(User, { id, name: 'Other' }, { reload: false }),
  })
  .add('save update {transaction:false}', {
    changes: 'user.U',
    prepare: onePerson,
    run: ({ manager }, { id }) => manager.save(User, { id, name: 'Other' }, { transaction: false }),
  })
  .add('save {data:{actor:1}}', {
    changes: 'user.U',
    prepare: onePerson,
    run: ({ manager }, { id }) => manager.save(User, { id, name: 'Other' }, { data: { actor: 1 } }),
  })
  .add('save, row changed between load of databaseEntity and BEGIN (TOCTOU)', {
    // Both changes are the application's; a subscriber alone reports the second with a stale "before".
    changes: 'user.U×2',
    prepare: onePerson,
    run: async ({ dataSource, manager }, { id }) => {
      const intruder = new Intruder();
      dataSource.subscribers.push(intruder);
      try {
        await manager.save(User, { id, name: 'Other' });
      } finally {
        dataSource.subscribers.splice(dataSource.subscribers.indexOf(intruder), 1);
      }
    },
  }).paths;

/** Changes the row after `save` has loaded it and before its transaction begins. */
class Intruder implements EntitySubscriberInterface {
  private isDone = false;

  // `connection`: TypeORM 0.3 has it under this name alone.
  async beforeTransactionStart({ connection }: TransactionStartEvent): Promise<void> {
    if (this.isDone) return;
    this.isDone = true;
    await connection.query(`UPDATE "user" SET name = 'Meanwhile', age = 77`);
  }
}
