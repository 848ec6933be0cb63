import type { Command } from 'commander';
import type { AuditTrail } from '../audit-trail';
import { auditContext, type CheckOptions } from '../index';
import { type DatabaseOptions, databaseCommand, type JsonOption } from './command';
import { findDatabase, refuseInMemory, refuseMissing, withTrail } from './database';
import type { Line } from './output';
import { ProgressBar } from './progress';

/** Options of the commands that go over whole tables. */
export interface CheckCommandOptions extends DatabaseOptions, JsonOption {
  entity?: string[];
  actor?: string;
  reason?: string;
}

export function checkCommand(name: string, jsonHelp: string): Command {
  return databaseCommand(name, jsonHelp)
    .option('--entity <name>', 'look at this entity or table only; repeatable', collect)
    .option('--actor <name>', 'who does it, for the entries that are written')
    .option('--reason <text>', 'why, for the entries that are written');
}

/** Runs a check on the database of a command, under a context that says who asked for it, with a bar meanwhile. */
export async function withCheck<T>(
  { entity, actor, reason, ...options }: CheckCommandOptions,
  source: string,
  check: (trail: AuditTrail, options: CheckOptions) => Promise<T>,
): Promise<T> {
  const database = await findDatabase(options);
  refuseInMemory(database);
  refuseMissing(database);
  const bar = new ProgressBar();
  const context = { source, ...(actor !== undefined && { actor }), ...(reason !== undefined && { reason }) };
  return withTrail(database, { migrate: false }, async (trail) => {
    try {
      const entities = entity && { entities: entity };
      return await auditContext.run(context, () => check(trail, { ...entities, onProgress: bar.update }));
    } finally {
      bar.clear();
    }
  });
}

export function skippedLines(skipped: readonly { table: string; reason: string }[]): Line[] {
  return skipped.map(({ table, reason }): Line => ['not looked at', `${table}: ${reason}`]);
}

function collect(text: string, others: readonly string[] = []): string[] {
  return [...others, text];
}
