import type { FastifyInstance } from 'fastify';
import type { DataSource } from 'typeorm';
import { AuditTrail } from 'typeorm-audit-trail';
import { expect, onTestFinished } from 'vitest';
import { buildApp } from '../../examples/calculations/app';
import { createCalculationsDataSource } from '../../examples/calculations/data-source';
import { demoKeys } from '../../examples/calculations/http/api-keys';
import type { Role } from '../../examples/calculations/http/roles';
import { onAnyDatabase } from '../support/any-database';

export interface CalculationJson {
  id: number;
  name: string;
  formula: string;
  inputs: Record<string, number>;
  uses?: string[];
  result: number | null;
  status: string;
  error: string | null;
  owner: string;
  created_at: string;
  updated_at: string;
  deleted_at: string | null;
}

export interface EntryJson {
  id: number;
  transaction_id: string;
  entity: string;
  table: string;
  entity_id: string;
  operation: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  changes: { field: string; before: unknown; after: unknown }[];
  actor: string | null;
  reason: string | null;
  correlation_id: string | null;
  source: string | null;
  metadata: Record<string, unknown> | null;
}

export interface ErrorJson {
  code: string;
  message: string;
  remedy: string;
}

export interface Call {
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Answer<T> {
  status: number;
  data: T;
  error: ErrorJson;
}

/** The example application on a database of its own, asked as its clients ask. */
export class ExampleApp {
  private constructor(
    readonly app: FastifyInstance,
    readonly trail: AuditTrail,
    readonly dataSource: DataSource,
  ) {}

  /** @param warehouse trail of the second database */
  static async start(warehouse?: AuditTrail): Promise<ExampleApp> {
    const dataSource = await onAnyDatabase(createCalculationsDataSource);
    const trail = await AuditTrail.attach(dataSource);
    onTestFinished(() => dataSource.destroy());
    await dataSource.runMigrations();
    const app = await buildApp({ trail, warehouse, keys: demoKeys });
    onTestFinished(() => app.close());
    return new ExampleApp(app, trail, dataSource);
  }

  async ask<T>(role: Role, request: string, { body, headers }: Call = {}): Promise<Answer<T>> {
    const [method, url] = request.split(' ') as ['GET' | 'POST' | 'PATCH' | 'DELETE', string];
    const answer = await this.app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${role}-demo-key`, ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    });
    const { success, ...rest } = answer.json<{ success: boolean } & Answer<T>>();
    expect(success).toBe(answer.statusCode < 400);
    return { ...rest, status: answer.statusCode };
  }

  /** Asks for something that must work. */
  async do<T = CalculationJson>(role: Role, request: string, call?: Call): Promise<T> {
    const { status, data, error } = await this.ask<T>(role, request, call);
    expect(error).toBeUndefined();
    expect(status).toBeLessThan(300);
    return data;
  }

  /** Asks for something that must be refused, in the envelope, with a code and a remedy. */
  async refused(role: Role, request: string, call?: Call): Promise<{ status: number; code: string; message: string }> {
    const { status, error, data } = await this.ask<unknown>(role, request, call);
    expect(data).toBeUndefined();
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(error.remedy).toMatch(/\S/);
    return { status, code: error.code, message: error.message };
  }

  /** The trail's entries in the order of the changes, those of the migrations left out unless asked for. */
  async entries(query = '', { migrations = false } = {}): Promise<EntryJson[]> {
    const path = `/api/calculations/audit/recent?fresh=true&limit=500${query}`;
    const { entries } = await this.do<{ entries: EntryJson[] }>('reviewer', `GET ${path}`);
    return entries.reverse().filter((entry) => migrations || entry.source === 'http');
  }
}
