import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { AuditTrail } from '../audit-trail';

/** The plugin's scope as its routes see it: query strings and answers are typed by their schemas. */
export type AuditApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** Adds one route at a path below the plugin's prefix. */
export type AddRoute = (app: AuditApp, path: string, trail: AuditTrail) => void;
