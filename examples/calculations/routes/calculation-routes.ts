import { TypeBoxValidatorCompiler, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { CalculationService } from '../services/calculation-service';
import { success, viewOf } from './calculation-view';
import * as schemas from './schemas';

export interface CalculationRoutesOptions {
  service: CalculationService;
  name: schemas.NameSchema;
}

/** The routes of one kind of calculation, relative to the prefix they are registered under. */
export const calculationRoutes: FastifyPluginAsyncTypebox<CalculationRoutesOptions> = async (app, options) => {
  const { service } = options;
  // Query strings and parameters are converted, bodies are not: in JSON, "5" is no number, and null is not 0.
  app.setValidatorCompiler(TypeBoxValidatorCompiler);

  app.post('/', { schema: { body: schemas.draftSchema(options.name) } }, async (request, reply) => {
    const calculation = await service.create({ inputs: {}, owner: request.caller.name, ...request.body });
    return reply.code(201).send(success(viewOf(calculation)));
  });

  app.get('/', { schema: { querystring: schemas.listSchema } }, async ({ query }) => {
    const { limit = 50, offset = 0, include_deleted: includeDeleted = false, owner, status } = query;
    const { calculations, total } = await service.list({ limit, offset, includeDeleted, owner, status });
    return success({ calculations: calculations.map(viewOf), total, limit, offset });
  });

  app.get('/:id', { schema: { params: schemas.idSchema, querystring: schemas.getSchema } }, async (request) => {
    const includeDeleted = request.query.include_deleted ?? false;
    return success(viewOf(await service.get(request.params.id, { includeDeleted })));
  });

  app.patch(
    '/:id',
    { schema: { params: schemas.idSchema, body: schemas.changeSchema(options.name) } },
    async (request) => success(viewOf(await service.change(request.params.id, request.body))),
  );

  app.delete('/:id', { schema: { params: schemas.idSchema, querystring: schemas.deleteSchema } }, async (request) => {
    const { id } = request.params;
    return success(viewOf(request.query.hard ? await service.removeForGood(id) : await service.remove(id)));
  });

  app.post('/:id/restore', { schema: { params: schemas.idSchema } }, async (request) =>
    success(viewOf(await service.restore(request.params.id))),
  );

  app.post('/recalculate', { schema: { body: schemas.recalculationSchema } }, async (request) =>
    success(await service.recalculate(request.body.owner)),
  );
};
