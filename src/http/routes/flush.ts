import { InvalidRequestError } from '../../errors';
import { succeed } from '../envelope';
import { presentFlush } from '../presenter';
import type { AddRoute } from '../route';
import { Failure, Flush, NoQuery, success } from '../schemas';

/** `POST /flush`: drains what is pending now. */
export const addFlushRoute: AddRoute = (app, path, trail) => {
  const schema = { querystring: NoQuery, response: { 200: success(Flush), '4xx': Failure, '5xx': Failure } };
  app.post(path, { schema }, async (request) => {
    if (!isEmpty(request.body)) throw new InvalidRequestError('A flush takes no body.', { value: request.body });
    return succeed(presentFlush(await trail.flush()));
  });
};

/** Many clients cannot send JSON without sending `{}` or `null`. */
function isEmpty(body: unknown): boolean {
  return body === undefined || body === null || (typeof body === 'object' && Object.keys(body).length === 0);
}
