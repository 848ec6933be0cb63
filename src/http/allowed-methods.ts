import type { FastifyRequest } from 'fastify';

/**
 * Methods that have a route at the path of the request, parametric routes included; empty if there is nothing there.
 * Left out: wildcards, which answer every path (CORS for `OPTIONS`, a page for `GET`) and so say nothing about this one,
 * and routes constrained to a host or version.
 */
export function allowedMethods({ server, url }: FastifyRequest): string[] {
  return server.supportedMethods.filter((method) => {
    // The types leave out that there may be no such route.
    const route: { params: object } | null = server.findRoute({ method, url });
    return route !== null && !Object.hasOwn(route.params, '*');
  });
}
