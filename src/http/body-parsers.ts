import type { FastifyInstance } from 'fastify';
import { UnsupportedMediaTypeError } from '../errors';

/** No route takes a body worth more; 16 KiB lets a client send `{}` with whatever padding it likes. */
const bodyLimit = 16 * 1024;

/**
 * Bodies in the plugin's own scope, whatever parsers the application has: none at all is fine under any content type
 * (clients send `application/json` or `x-www-form-urlencoded` with nothing), JSON is parsed, the rest is refused. A
 * request for a route that does not exist is told so, whatever its body.
 */
export function addBodyParsers(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<string>('application/json', { parseAs: 'string', bodyLimit }, (request, body, done) => {
    if (request.is404 || body.trim() === '') done(null, undefined);
    else void parseJson(request, body, done);
  });
  app.addContentTypeParser<string>('*', { parseAs: 'string', bodyLimit }, (request, body, done) => {
    if (request.is404 || body === '') return done(null, undefined);
    const type = request.headers['content-type'];
    done(new UnsupportedMediaTypeError(`A body of ${type ?? 'no content type'} cannot be read.`, { value: type }));
  });
}
