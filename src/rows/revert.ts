import { setImmediate as yieldToLoop } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import type { Slice } from '../batching/drain-slice';
import { auditContext } from '../capture/audit-context';
import type { Capture } from '../capture/instrument';
import type { Engine } from '../dialect/engine';
import { AuditSchemaMissingError } from '../errors';
import type { Moment, RevertReport } from '../reports';
import { planChange, reportChange } from './plan-revert';
import type { RowKey } from './row-log';
import { momentCondition } from './row-state';
import type { RowTools } from './row-tools';

/** What a trail that drains lends to reverting. */
export interface RevertTools extends RowTools {
  capture: Capture;
  manager: EntityManager;
  /** Drains what is pending now, in transactions of its own. */
  flush(): Promise<unknown>;
  /** One slice of the drain within the caller's transaction. */
  drainSlice(engine: Engine): Slice;
  /** Told of each slice whose transaction was committed. */
  drained(slice: Slice): void;
}

/**
 * Puts a row back to what it was at a moment, in one transaction, that of the flow where it has one.
 *
 * The outbox is emptied within the transaction. So what the trail says last of the row is what the table must hold, with
 * everything that other flows committed, and this one has done, before; if it holds something else, nothing is done.
 */
export async function revertRow(tools: RevertTools, key: RowKey, at: Moment): Promise<RevertReport> {
  const moment = momentCondition(at);
  const { connection } = tools.capture;
  const flow = connection.frames.current();
  if (!flow) await tools.flush();
  const context = flow ? flow.changeSet.contextOf(auditContext.current()) : auditContext.current();
  let slices: Slice[] = [];
  const report = await auditContext.run({ ...context, source: context?.source ?? 'revert' }, () =>
    tools.manager.transaction(async (manager) => {
      slices = await drainAll(tools);
      const change = await connection.joined('revert()', (engine) => planChange(tools, engine, key, moment));
      const { operation, statement } = change;
      if (operation !== 'none') await manager.query(statement.sql, [...statement.parameters]);
      return connection.joined('revert()', (engine) => reportChange(tools, engine, change));
    }),
  );
  if (!flow) slices.forEach((slice) => tools.drained(slice));
  return report;
}

/** Slice by slice, so that the event loop turns in between. */
async function drainAll(tools: RevertTools): Promise<Slice[]> {
  const { capture } = tools;
  const slices: Slice[] = [];
  for (;;) {
    const slice = await capture.connection.joined('revert()', (engine) => {
      if (capture.meta.areTablesThere(engine)) return tools.drainSlice(engine);
      throw new AuditSchemaMissingError('The audit tables are not there.');
    });
    if (slice.upTo === null) return slices;
    slices.push(slice);
    await yieldToLoop();
  }
}
