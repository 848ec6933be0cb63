import { succeed } from '../envelope';
import { presentStats } from '../presenter';
import type { AddRoute } from '../route';
import { Failure, FreshQuery, Stats, success } from '../schemas';

/** `GET /stats`: how the trail is doing. */
export const addStatsRoute: AddRoute = (app, path, trail) => {
  const schema = { querystring: FreshQuery, response: { 200: success(Stats), '4xx': Failure, '5xx': Failure } };
  app.get(path, { schema }, async (request) => succeed(presentStats(await trail.stats(request.query))));
};
