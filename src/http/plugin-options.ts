import type { AuditTrail } from '../audit-trail';
import { InvalidOptionError } from '../errors';
import type { Authorize } from './access';

const routeNames = ['stats', 'recent', 'flush', 'dashboard'] as const;
export type RouteName = (typeof routeNames)[number];

export interface AuditPluginOptions {
  /** What `AuditTrail.attach` gave. */
  trail: AuditTrail;
  /** Where the routes live, below the prefix of the scope it is registered in. Default `/api/audit`. */
  prefix?: string;
  /** Path of each route below the prefix, or `false` for none. Default `/stats`, `/recent`, `/flush`, `/dashboard`. */
  routes?: Partial<Record<RouteName, string | false>>;
  /** Who may do what. Default: only requests from the machine itself are answered. */
  authorize?: Authorize;
}

export interface ResolvedPluginOptions {
  trail: AuditTrail;
  prefix: string;
  routes: Record<RouteName, string | false>;
  authorize: Authorize | undefined;
}

/** Options of `register` itself, which Fastify reads. */
const registerOptions = ['logLevel', 'logSerializers'];
const ownOptions = ['trail', 'prefix', 'routes', 'authorize'];

// Literal segments: a parameter or wildcard would make one route answer for another.
const path = /^(?:\/[\w.~-]+)+$/;
// A prefix may have parameters (`/tenants/:tenant/audit`), but has to be one: at the root of the application the
// plugin's not-found handler would take the place of the application's.
const prefixPath = /^(?:\/:?[\w.~-]+)+$/;

/** @throws InvalidOptionError naming the option, for anything that is not as documented, unknown names included */
export function resolvePluginOptions(options: AuditPluginOptions): ResolvedPluginOptions {
  refuseUnknown(options, [...ownOptions, ...registerOptions], '');
  const { trail, prefix = '/api/audit', routes = {}, authorize } = options;
  if (!isTrail(trail)) throw invalid('trail', 'must be the trail that AuditTrail.attach gave', trail);
  if (typeof prefix !== 'string' || !prefixPath.test(prefix)) {
    throw invalid('prefix', 'must be a path like /api/audit', prefix);
  }
  if (authorize !== undefined && typeof authorize !== 'function') {
    throw invalid('authorize', 'must be a function', authorize);
  }
  return { trail, prefix, routes: resolveRoutes(routes), authorize };
}

function resolveRoutes(routes: unknown): Record<RouteName, string | false> {
  if (typeof routes !== 'object' || routes === null) throw invalid('routes', 'must be an object', routes);
  refuseUnknown(routes, routeNames, 'routes.');
  const given = routes as Partial<Record<RouteName, unknown>>;
  const resolved = { stats: '/stats', recent: '/recent', flush: '/flush', dashboard: '/dashboard' } as Record<
    RouteName,
    string | false
  >;
  for (const name of routeNames) {
    const value = given[name];
    if (value === undefined) continue;
    if (value !== false && (typeof value !== 'string' || !path.test(value))) {
      throw invalid(`routes.${name}`, 'must be a path like /statistics, or false', value);
    }
    resolved[name] = value;
  }
  const paths = Object.values(resolved).filter((value) => value !== false);
  if (new Set(paths).size < paths.length) throw invalid('routes', 'must give each route a path of its own', routes);
  return resolved;
}

/** A trail of another copy of the library would be fine too, so it is told by what it can do. */
function isTrail(trail: unknown): boolean {
  return (
    typeof trail === 'object' &&
    trail !== null &&
    routeNames.every((name) => name in trail && typeof (trail as Record<string, unknown>)[name] === 'function')
  );
}

/** A misspelt `authorize` must not go unnoticed. */
function refuseUnknown(options: object, known: readonly string[], parent: string): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid(`${parent}${unknown}`, `is unknown; there are ${known.join(', ')}`, unknown);
}

function invalid(option: string, problem: string, value: unknown): InvalidOptionError {
  return new InvalidOptionError(`The option ${option} of the Fastify plugin ${problem}.`, { value });
}
