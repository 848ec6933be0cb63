import type { Engine } from '../dialect/engine';
import type { StoreSql } from '../dialect/store-sql';
import type { BrokenRecord } from './pending-record';

/** A row of the outbox that was set aside, because the record that it is of can't be read. */
export interface QuarantinedRow {
  /** The id that it had in the outbox, where ids are used again. */
  outboxId: number;
  reason: string;
  /** When it was set aside, milliseconds since 1970. */
  at: number;
}

/** `audit_quarantine`: outbox rows of which no entry could be made, value by value as they were stored. */
export class Quarantine {
  constructor(private readonly sql: StoreSql) {}

  /** Copies the rows of a record, in the transaction that deletes them from the outbox. */
  add(engine: Engine, { first, last, reason }: BrokenRecord, at: number): void {
    engine.execute(this.sql.quarantine, [reason, at, first, last]);
  }

  /** The oldest ones. */
  list(engine: Engine, limit: number): QuarantinedRow[] {
    return engine.execute(this.sql.selectQuarantined, [limit]).rows as QuarantinedRow[];
  }
}
