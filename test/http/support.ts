import fastify, { type FastifyInstance, type FastifyServerOptions, type InjectOptions } from 'fastify';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { Column, Entity, PrimaryGeneratedColumn, type DataSource } from 'typeorm';
import { expect } from 'vitest';
import { auditTrailPlugin, type AuditPluginOptions } from '../../src/http/plugin';
import { success } from '../../src/http/schemas';
import { auditContext, AuditTrail, type AuditTrailOptions, createDataSource } from '../../src/index';
import { onAnyDatabase } from '../support/any-database';

class Address {
  @Column({ type: 'varchar', default: '' })
  city!: string;
}

@Entity()
export class Account {
  @PrimaryGeneratedColumn({ type: 'integer' })
  id!: number;

  @Column({ type: 'varchar' })
  ownerName!: string;

  @Column({ type: 'integer', default: 0 })
  amount!: number;

  @Column({ type: 'varchar', nullable: true, select: false })
  secretNote!: string | null;

  @Column({ type: 'simple-json', nullable: true })
  settings!: Record<string, unknown> | null;

  @Column(() => Address)
  address!: Address;
}

/** A real database with a trail. */
export async function openTrail(audit?: AuditTrailOptions): Promise<{ dataSource: DataSource; trail: AuditTrail }> {
  const dataSource = await onAnyDatabase((url) => createDataSource(url, { entities: [Account], synchronize: true }));
  return { dataSource, trail: await AuditTrail.attach(dataSource, audit) };
}

/** An application with the plugin in it. */
export async function openApp(
  options: AuditPluginOptions,
  server: FastifyServerOptions = {},
): Promise<FastifyInstance> {
  const app = fastify(server);
  await app.register(auditTrailPlugin, options);
  await app.ready();
  return app;
}

export function saveAccount(dataSource: DataSource, ownerName: string, more: Partial<Account> = {}): Promise<Account> {
  return auditContext.run({ actor: 'anna', correlationId: 'request-1', source: 'http' }, () =>
    dataSource.getRepository(Account).save({ ownerName, address: { city: 'Bern' }, ...more }),
  );
}

export interface Answer {
  status: number;
  headers: Record<string, unknown>;
  body: string;
  /** `data` of a good answer. */
  data: Record<string, unknown>;
  error: { code: string; message: string; remedy: string; details?: Record<string, unknown> };
}

/** A request such as `GET /api/audit/stats`, and the envelope of its answer. */
export async function ask(app: FastifyInstance, request: string, options: InjectOptions = {}): Promise<Answer> {
  const [method, url] = request.split(' ', 2);
  const response = await app.inject({ ...options, method: method as 'GET', url: url ?? '' });
  const json = /^application\/json/.test(String(response.headers['content-type'])) && response.body !== '';
  const { data, error } = (json ? response.json() : {}) as Pick<Answer, 'data' | 'error'>;
  return { status: response.statusCode, headers: response.headers, body: response.body, data, error };
}

/** `data` of an answer that has to be good, and what its schema says. */
export async function answerOf(app: FastifyInstance, request: string, schema: TSchema): Promise<Answer['data']> {
  const { status, body, data } = await ask(app, request);
  expect(status).toBe(200);
  expect(Value.Errors(success(schema), JSON.parse(body))).toEqual([]);
  return data;
}
