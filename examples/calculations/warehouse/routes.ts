import { Type, TypeBoxValidatorCompiler, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { DataSource } from 'typeorm';
import { success } from '../routes/calculation-view';
import { idSchema } from '../routes/schemas';
import { NoResultError } from '../services/calculation-errors';
import type { UserCalculations } from '../services/user-calculations';
import { PublishedResult } from './published-result';

export interface WarehouseRoutesOptions {
  calculations: UserCalculations;
  warehouse: DataSource;
}

const newestShown = 100;

/** Results that were published, relative to the prefix they are registered under. */
export const warehouseRoutes: FastifyPluginAsyncTypebox<WarehouseRoutesOptions> = async (app, options) => {
  const results = options.warehouse.getRepository(PublishedResult);
  app.setValidatorCompiler(TypeBoxValidatorCompiler);

  // Read in one database, written in the other: the context of the request is that of both.
  app.post(
    '/',
    { schema: { body: Type.Object({ calculation_id: idSchema.properties.id }) } },
    async (request, reply) => {
      const { calculation_id: calculationId } = request.body;
      const { name, result } = await options.calculations.get(calculationId, { includeDeleted: false });
      if (result === null) throw new NoResultError(calculationId);
      return reply.code(201).send(success(viewOf(await results.save({ calculationId, name, result }))));
    },
  );

  app.get('/', async () => {
    const newest = await results.find({ order: { id: 'DESC' }, take: newestShown });
    return success({ results: newest.map(viewOf) });
  });
};

function viewOf({ id, calculationId, name, result, publishedAt }: PublishedResult) {
  return { id, calculation_id: calculationId, name, result, published_at: publishedAt };
}
