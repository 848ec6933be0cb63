import { StatementPaths, table } from './table';

const cascades = 'a cascade from several rows fires a trigger once for each of them, every time with all rows';

/** SQL Server allows one way at most by which a delete reaches a table, and none from a table to itself. */
export const foreignKeyPaths = new StatementPaths({
  name: 'foreign keys',
  entities: [
    table('parent', 'a int!, b nvarchar!, v nvarchar'),
    table('child', 'id int!, pa int, pb nvarchar'),
    table('grandchild', 'id int!, child int'),
    table('emptied', 'id int!, pa int, pb nvarchar'),
    table('top_one', 'id int!'),
    table('falling', 'id int!, top_id int'),
    table('node', 'id int!, up int'),
  ],
  setup: [
    'CREATE TABLE parent (a int NOT NULL, b nvarchar(10) NOT NULL, v nvarchar(10), PRIMARY KEY (a, b))',
    `CREATE TABLE child (id int PRIMARY KEY, pa int, pb nvarchar(10),
      CONSTRAINT child_parent FOREIGN KEY (pa, pb) REFERENCES parent (a, b) ON DELETE CASCADE ON UPDATE CASCADE)`,
    `CREATE TABLE grandchild (id int PRIMARY KEY, child int CONSTRAINT grandchild_child REFERENCES child (id) ON DELETE CASCADE)`,
    `CREATE TABLE emptied (id int PRIMARY KEY, pa int, pb nvarchar(10),
      CONSTRAINT emptied_parent FOREIGN KEY (pa, pb) REFERENCES parent (a, b) ON DELETE SET NULL ON UPDATE SET NULL)`,
    'CREATE TABLE top_one (id int PRIMARY KEY)',
    `CREATE TABLE falling (id int PRIMARY KEY, top_id int DEFAULT 0
      CONSTRAINT falling_top REFERENCES top_one (id) ON DELETE SET DEFAULT ON UPDATE SET DEFAULT)`,
    'CREATE TABLE node (id int PRIMARY KEY, up int CONSTRAINT node_up REFERENCES node (id))',
  ],
})
  .add(
    'a composite key, two levels of CASCADE and SET NULL in one delete',
    'parent.D, child.D×2, grandchild.D×3, emptied.U',
    [`DELETE FROM parent WHERE a = 1`],
    {
      before: [
        `INSERT INTO parent VALUES (1, 'x', 'one'), (2, 'x', 'two')`,
        `INSERT INTO child VALUES (1, 1, 'x'), (2, 1, 'x'), (3, 2, 'x')`,
        `INSERT INTO grandchild VALUES (1, 1), (2, 1), (3, 2), (4, 3)`,
        `INSERT INTO emptied VALUES (1, 1, 'x'), (2, 2, 'x'), (3, NULL, 'x')`,
      ],
      needs: cascades,
    },
  )
  .add(
    'the same from one row to one row to several',
    'parent.D, child.D, grandchild.D×2, emptied.U×2',
    [`DELETE FROM parent WHERE a = 1`],
    {
      before: [
        `INSERT INTO parent VALUES (1, 'x', 'one'), (2, 'x', 'two')`,
        `INSERT INTO child VALUES (1, 1, 'x'), (3, 2, 'x')`,
        `INSERT INTO grandchild VALUES (1, 1), (2, 1), (4, 3)`,
        `INSERT INTO emptied VALUES (1, 1, 'x'), (2, 1, 'x'), (3, NULL, 'x')`,
      ],
    },
  )
  .add('ON UPDATE CASCADE of a composite key', 'parent.U, child.U×2', [`UPDATE parent SET a = 10 WHERE a = 1`], {
    before: [
      `INSERT INTO parent VALUES (1, 'x', 'one'), (2, 'x', 'two')`,
      `INSERT INTO child VALUES (1, 1, 'x'), (2, 1, 'x'), (3, 2, 'x')`,
    ],
  })
  .add(
    'ON UPDATE CASCADE of several keys: the parents went and came, and their children were updated',
    'parent.D×2, parent.I×2, child.U×2',
    [`UPDATE parent SET a = a + 10`],
    {
      before: [
        `INSERT INTO parent VALUES (1, 'x', 'one'), (2, 'x', 'two')`,
        `INSERT INTO child VALUES (1, 1, 'x'), (2, 2, 'x')`,
      ],
      truth: 'rows',
      needs: cascades,
    },
  )
  .add('SET DEFAULT', 'top_one.D, falling.U×2', ['DELETE FROM top_one WHERE id = 1'], {
    before: ['INSERT INTO top_one VALUES (0), (1), (2)', 'INSERT INTO falling VALUES (1, 1), (2, 1), (3, 2)'],
  })
  .add('rows that refer to each other, all in one delete', 'node.D×3', ['DELETE FROM node'], {
    before: ['INSERT INTO node VALUES (1, NULL), (2, 1), (3, 2)'],
  })
  .addFailing('a reference that holds a row', 'DELETE FROM node WHERE id < 3', {
    before: ['INSERT INTO node VALUES (1, NULL), (2, 1), (3, 2)'],
  })
  .addFailing('a default that refers to nothing', 'DELETE FROM top_one', {
    before: ['INSERT INTO top_one VALUES (1)', 'INSERT INTO falling VALUES (1, 1)'],
  })
  .add(
    'children first, then their parents, in one transaction',
    'grandchild.D, child.D, parent.D',
    ['DELETE FROM grandchild', 'DELETE FROM child', 'DELETE FROM parent'],
    {
      together: true,
      before: [
        `INSERT INTO parent VALUES (1, 'x', 'one')`,
        `INSERT INTO child VALUES (1, 1, 'x')`,
        'INSERT INTO grandchild VALUES (1, 1)',
      ],
    },
  ).paths;
