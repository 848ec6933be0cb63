import type { EntitySubscriberInterface, InsertEvent, UpdateEvent } from 'typeorm';
import { Folder, ormModel, Remark, Sheet } from '../model/orm-features';
import { type App, failing, PathList } from '../write-path';

const id = '7f1f3a4e-0000-4000-8000-000000000001';

/** A folder with two sheets, as one finds it. */
async function folder({ manager }: App): Promise<Folder> {
  const sheets = [1, 2].map((page) => manager.create(Sheet, { book: 'b', page, tags: ['x', 'y'], day: '1969-12-31' }));
  await manager.save(manager.create(Folder, { id, name: 'one', sheets }));
  return manager.findOneOrFail(Folder, { where: { id }, relations: { sheets: true } });
}

async function withSubscriber(
  app: App,
  subscriber: EntitySubscriberInterface,
  work: () => Promise<unknown>,
): Promise<void> {
  const { subscribers } = app.dataSource;
  subscribers.push(subscriber);
  try {
    await work();
  } finally {
    subscribers.splice(subscribers.indexOf(subscriber), 1);
  }
}

export const ormFeaturePaths = new PathList(ormModel)
  .add('orphans deleted (orphanedRowAction)', {
    changes: 'sheet.D',
    prepare: folder,
    run: ({ manager }, found) => manager.save(Object.assign(found, { sheets: found.sheets.slice(1) })),
  })
  .add('listener of an entity that changes it', {
    changes: 'folder.U',
    prepare: folder,
    run: ({ manager }, found) => manager.save(Object.assign(found, { name: 'two' })),
  })
  .add('soft-remove and recover with cascade', {
    changes: 'folder.U×2, sheet.U×4',
    prepare: folder,
    run: async (app, found) => {
      const removed = await app.manager.softRemove(found);
      await app.checkpoint('folder.U, sheet.U×2');
      await app.manager.recover(removed);
    },
  })
  .add('many-to-many with itself', {
    changes: 'sheet_related_sheet.I×2, sheet_related_sheet.D',
    prepare: folder,
    run: async (app) => {
      const [first, second] = await app.manager.find(Sheet, { order: { page: 'ASC' }, relations: { related: true } });
      await app.manager.save([
        Object.assign(first!, { related: [second] }),
        Object.assign(second!, { related: [first] }),
      ]);
      await app.checkpoint('sheet_related_sheet.I×2');
      await app.manager.save(Object.assign(first!, { related: [] }));
    },
  })
  .add('key that is a foreign key, foreign key of two columns, nested embedded', {
    changes: 'remark.I, remark.U×2, remark.D, folder.D, sheet.U, sheet.D',
    prepare: async (app) => {
      await folder(app);
      await app.manager.update(Sheet, { page: 2 }, { folder: null });
      await app.manager.delete(Sheet, { page: 1 });
    },
    run: async (app) => {
      const price = { net: { amount: '0.1234567890', account: 'secret' }, gross: { amount: '99', account: null } };
      await app.manager.insert(Remark, { folderId: id, token: 'fixed', sheet: { book: 'b', page: 2 }, price });
      await app.checkpoint('remark.I');
      await app.manager.update(Sheet, { page: 2 }, { page: 3 });
      await app.checkpoint('sheet.U, remark.U');
      await app.manager.delete(Sheet, { page: 3 });
      await app.checkpoint('sheet.D, remark.U');
      await app.manager.delete(Folder, { id });
    },
  })
  .add('subscriber of the application that writes by its manager', {
    changes: 'folder.I, sheet.I',
    run: (app) => {
      const afterInsert = async ({ manager, entity }: InsertEvent<unknown>): Promise<void> => {
        if (entity instanceof Folder) await manager.insert(Sheet, { book: 'auto', page: 1 });
      };
      return withSubscriber(app, { afterInsert }, () =>
        app.manager.save(app.manager.create(Folder, { id, name: 'one' })),
      );
    },
  })
  .add('subscriber of the application that writes and then fails', {
    changes: 'none',
    run: (app) => {
      const afterInsert = async ({ manager, entity }: InsertEvent<unknown>): Promise<void> => {
        if (!(entity instanceof Folder)) return;
        await manager.insert(Sheet, { book: 'auto', page: 1 });
        throw new Error('no');
      };
      const save = () => app.manager.save(app.manager.create(Folder, { id, name: 'one' }));
      return withSubscriber(app, { afterInsert }, () => failing(save));
    },
  })
  .add('subscriber of the application that changes the entity', {
    changes: 'folder.U',
    prepare: folder,
    run: (app, found) => {
      const beforeUpdate = ({ entity }: UpdateEvent<unknown>): void => {
        if (entity instanceof Folder) entity.name += '!';
      };
      return withSubscriber(app, { beforeUpdate }, () => app.manager.save(Object.assign(found, { name: 'two' })));
    },
  })
  .add('queryRunner.clearTable', {
    changes: 'sheet.D×2, sheet.T',
    prepare: folder,
    run: async ({ dataSource }) => {
      const runner = dataSource.createQueryRunner();
      await runner.clearTable('sheet');
      await runner.release();
    },
  })
  .add('synchronize() in a running application', {
    changes: 'folder.U×2',
    prepare: folder,
    run: async ({ dataSource, manager }) => {
      await manager.update(Folder, { id }, { name: 'two' });
      await dataSource.synchronize();
      await manager.update(Folder, { id }, { name: 'three' });
    },
    truth: 'rows',
  })
  .add('query runner of one’s own with a transaction', {
    changes: 'folder.U, sheet.D',
    prepare: folder,
    run: async ({ dataSource }) => {
      const runner = dataSource.createQueryRunner();
      await runner.startTransaction();
      await runner.manager.update(Folder, { id }, { name: 'two' });
      await runner.manager.delete(Sheet, { page: 1 });
      await runner.commitTransaction();
      await runner.startTransaction();
      await runner.manager.delete(Sheet, { page: 2 });
      await runner.rollbackTransaction();
      await runner.release();
    },
  }).paths;
