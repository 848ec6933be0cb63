import { BlockList } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { ForbiddenError, LoopbackOnlyError } from '../errors';

/** What a request wants: to read the trail, or to have what is pending drained. */
export type AuditAction = 'read' | 'flush';

/**
 * Decides about a request before its body is read. Only `true` lets it pass; any other value, `undefined` included,
 * refuses it with a 403, and an error is answered as it is (a 4xx `statusCode` is kept).
 */
export type Authorize = (request: FastifyRequest, action: AuditAction) => boolean | Promise<boolean>;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** The hook that stands before every route of the plugin, its 404 and 405 included. */
export function accessGuard(authorize: Authorize | undefined): (request: FastifyRequest) => Promise<void> {
  return async (request) => {
    if (authorize === undefined) {
      if (isLocal(request)) return;
      throw new LoopbackOnlyError('Without an authorize option only requests from the machine itself are answered.');
    }
    const action = actionOf(request);
    const verdict: unknown = await authorize(request, action);
    if (verdict !== true) {
      throw new ForbiddenError(`This request is not allowed to ${action} the audit trail.`);
    }
  };
}

/** A path or method that does not exist discloses no more than reading does. */
function actionOf(request: FastifyRequest): AuditAction {
  return !request.is404 && request.method === 'POST' ? 'flush' : 'read';
}

/** From this machine, and not passed on by a proxy that runs on it for someone else. */
function isLocal({ headers, socket }: FastifyRequest): boolean {
  if (headers['forwarded'] !== undefined || headers['x-forwarded-for'] !== undefined) return false;
  const address = socket.remoteAddress;
  // A Unix domain socket has none: what connects to one is usually a proxy.
  if (address === undefined) return false;
  // An IPv4 address on a dual-stack socket is written ::ffff:127.0.0.1; the list knows that form.
  return loopback.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}
