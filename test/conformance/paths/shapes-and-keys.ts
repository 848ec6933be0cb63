import { mainModel } from '../model/main-model';
import { Animal, Comp, Dog, type Thing, ThingSchema } from '../model/shapes';
import { PathList, type App } from '../write-path';

const dog = ({ manager }: App): Promise<Dog> => manager.save(manager.create(Dog, { name: 'Rex', barks: true }));
const comp = ({ manager }: App): Promise<Comp> => manager.save(manager.create(Comp, { a: 1, b: 'x', v: 'old' }));

export const shapePaths = new PathList(mainModel)
  .add('STI save Dog', { changes: 'animal.I', run: dog })
  .add('STI save update via Animal', {
    changes: 'animal.U',
    prepare: dog,
    run: async ({ manager }, { id }) => {
      const found = (await manager.findOneByOrFail(Animal, { id })) as Dog;
      await manager.save(Animal, Object.assign(found, { name: 'Max', barks: false }));
    },
  })
  .add('STI update(Animal, criteria)', {
    changes: 'animal.U',
    prepare: dog,
    run: ({ manager }) => manager.update(Animal, { name: 'Rex' }, { name: 'Max' }),
  })
  .add('composite PK save insert/update/remove', {
    changes: 'comp.I, comp.U, comp.D',
    run: async (app) => {
      const saved = await comp(app);
      await app.manager.save(Object.assign(saved, { v: 'new' }));
      await app.manager.remove(saved);
    },
  })
  .add('PK change via update()', {
    changes: 'comp.U',
    prepare: comp,
    run: ({ manager }) => manager.update(Comp, { a: 1, b: 'x' }, { a: 2 }),
  })
  .add('PK change via save (entity.a=2)', {
    changes: 'comp.I',
    prepare: comp,
    run: async ({ manager }) => {
      const found = await manager.findOneByOrFail(Comp, { a: 1, b: 'x' });
      await manager.save(Object.assign(found, { a: 2 }));
    },
  })
  .add('EntitySchema save/update/remove', {
    changes: 'thing.I, thing.U, thing.D',
    run: async ({ manager }) => {
      const things = manager.getRepository<Thing>(ThingSchema);
      const thing = await things.save(things.create({ label: 'one' }));
      await things.save(Object.assign(thing, { label: 'two' }));
      await things.remove(thing);
    },
  }).paths;
