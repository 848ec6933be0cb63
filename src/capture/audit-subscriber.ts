import type { EntityMetadata, EntitySubscriberInterface, QueryRunner } from 'typeorm';
import { auditContext } from './audit-context';
import type { ChangeSet } from './change-set';
import type { TablePlan } from './entity-plan';
import { assertAllowed } from './requirements';

/** A query runner of ours; see `serialized-query-runner.ts`. */
type AuditedRunner = QueryRunner & { readonly changeSet?: ChangeSet };

/** Says whether what is about to be committed is recorded. */
export interface CommitGuard {
  /** @throws CaptureBrokenError where writes to one of these tables would go, or have gone, unrecorded. */
  assertStands(tables: Iterable<string>, planOf: (tablePath: string) => TablePlan | undefined): void;
}

interface WriteEvent {
  metadata: EntityMetadata;
  queryRunner: QueryRunner;
}

/**
 * The life of a change set as the ORM sees it. The row images come from triggers; this subscriber opens the set when a
 * transaction starts and binds the context of that flow, refuses what is known to be wrong before the statement,
 * notes which tables the ORM announced, and vetoes the commit when their capture no longer stands.
 */
export class AuditSubscriber implements EntitySubscriberInterface {
  constructor(
    private readonly guard: CommitGuard,
    private readonly planOf: (tablePath: string) => TablePlan | undefined,
  ) {}

  afterTransactionStart({ queryRunner }: { queryRunner: QueryRunner }): void {
    const changeSet = (queryRunner as AuditedRunner).changeSet;
    // Savepoints raise the event again.
    if (changeSet && !changeSet.isOpened) changeSet.open(auditContext.current());
  }

  beforeInsert(event: WriteEvent): void {
    this.announce(event);
  }

  beforeUpdate(event: WriteEvent): void {
    this.announce(event);
  }

  beforeRemove(event: WriteEvent): void {
    this.announce(event);
  }

  beforeSoftRemove(event: WriteEvent): void {
    this.announce(event);
  }

  beforeRecover(event: WriteEvent): void {
    this.announce(event);
  }

  /** @throws CaptureBrokenError, which makes TypeORM roll back: a change that is not recorded must not be committed. */
  beforeTransactionCommit({ queryRunner }: { queryRunner: QueryRunner }): void {
    const changeSet = (queryRunner as AuditedRunner).changeSet;
    if (changeSet) this.guard.assertStands(changeSet.announcedTables, this.planOf);
  }

  private announce({ metadata, queryRunner }: WriteEvent): void {
    const plan = this.planOf(metadata.tablePath);
    if (!plan) return;
    const changeSet = (queryRunner as AuditedRunner).changeSet;
    const context = changeSet ? changeSet.contextOf(auditContext.current()) : auditContext.current();
    assertAllowed(plan, context, metadata.name);
    changeSet?.announce(plan.table);
  }
}
