import { succeed } from '../envelope';
import { presentRecent } from '../presenter';
import { toRecentQuery } from '../recent-query';
import type { AddRoute } from '../route';
import { Failure, Recent, RecentQuerystring, success } from '../schemas';

/** `GET /recent`: entries, newest first, filtered and page by page. */
export const addRecentRoute: AddRoute = (app, path, trail) => {
  const schema = { querystring: RecentQuerystring, response: { 200: success(Recent), '4xx': Failure, '5xx': Failure } };
  app.get(path, { schema }, async (request) => {
    const page = await trail.recent(toRecentQuery(request.query));
    return succeed(presentRecent(page));
  });
};
