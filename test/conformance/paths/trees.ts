import type { EntityTarget } from 'typeorm';
import { mainModel } from '../model/main-model';
import { TC, TM, TN } from '../model/shapes';
import { PathList, type App } from '../write-path';

interface Node {
  id: number;
  name: string;
  parent: Node | null;
}

/** Nodes by name; `parents` says `child: parent`, in the order of creation. */
async function grow(
  { manager }: App,
  entity: EntityTarget<Node>,
  parents: Record<string, string>,
): Promise<Record<string, Node>> {
  const nodes: Record<string, Node> = {};
  for (const [name, parent] of Object.entries(parents)) {
    nodes[name] = await manager.save(manager.create(entity, { name, parent: nodes[parent] ?? null }));
  }
  return nodes;
}

async function move({ manager }: App, entity: EntityTarget<Node>, node: Node, parent: Node): Promise<void> {
  const found = await manager.findOneOrFail(entity, { where: { id: node.id }, relations: { parent: true } });
  await manager.save(Object.assign(found, { parent }));
}

const chain = { root: '', branch: 'root' };

export const treePaths = new PathList(mainModel)
  .add('tree TC insert child', {
    changes: 'tc.I, tc_closure.I×3',
    prepare: (app) => grow(app, TC, chain),
    run: ({ manager }, { branch }) => manager.save(manager.create(TC, { name: 'leaf', parent: branch as TC })),
  })
  .add('tree TC move', {
    changes: 'tc_closure.D, tc_closure.I×2, tc.U',
    prepare: (app) => grow(app, TC, { left: '', right: '', deep: 'right', leaf: 'left' }),
    run: (app, { leaf, deep }) => move(app, TC, leaf!, deep!),
  })
  .add('tree TC remove leaf', {
    changes: 'tc_closure.D×2, tc.D',
    prepare: (app) => grow(app, TC, chain),
    run: async ({ manager }, { branch }) => manager.remove(await manager.findOneByOrFail(TC, { id: branch!.id })),
  })
  .add('tree TM insert child', {
    changes: 'tm.I, tm.U',
    prepare: (app) => grow(app, TM, chain),
    run: ({ manager }, { branch }) => manager.save(manager.create(TM, { name: 'leaf', parent: branch as TM })),
  })
  .add('tree TM move', {
    changes: 'tm.U×2',
    prepare: (app) => grow(app, TM, { left: '', right: '', leaf: 'left' }),
    run: (app, { leaf, right }) => move(app, TM, leaf!, right!),
  })
  .add('tree TN insert child', {
    changes: 'tn.U×3, tn.I',
    prepare: (app) => grow(app, TN, { root: '', left: 'root', right: 'root' }),
    run: ({ manager }, { left }) => manager.save(manager.create(TN, { name: 'leaf', parent: left as TN })),
  })
  .add('tree TN move', {
    changes: 'tn.U×3',
    // Both boundaries of the two nodes, and then the parent of the one that moves.
    prepare: (app) => grow(app, TN, { root: '', left: 'root', right: 'root' }),
    run: (app, { left, right }) => move(app, TN, right!, left!),
  })
  .add('tree TN remove leaf', {
    changes: 'tn.U, tn.D',
    prepare: (app) => grow(app, TN, chain),
    run: async ({ manager }, { branch }) => manager.remove(await manager.findOneByOrFail(TN, { id: branch!.id })),
  }).paths;
