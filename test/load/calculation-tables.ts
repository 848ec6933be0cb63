import type { Shapes, TableShape } from '../crash/oracle/shape';

const calculation: TableShape = {
  key: ['id'],
  deletedAt: 'deletedAt',
  columns: {
    id: ['id', 'integer'],
    name: ['name', 'text'],
    formula: ['formula', 'text'],
    inputs: ['inputs', 'json'],
    result: ['result', 'real'],
    status: ['status', 'text'],
    error: ['error', 'text'],
    owner: ['owner', 'text'],
    createdAt: ['createdAt', 'instant'],
    updatedAt: ['updatedAt', 'instant'],
    deletedAt: ['deletedAt', 'instant'],
  },
};

/** The tables of the example application, as the database has them. */
export const calculationTables: Shapes = {
  user_calculation: calculation,
  system_calculation: calculation,
  user_calculation_uses: {
    key: ['userCalculationId', 'systemCalculationId'],
    junction: true,
    columns: {
      userCalculationId: ['userCalculationId', 'integer'],
      systemCalculationId: ['systemCalculationId', 'integer'],
    },
  },
};
