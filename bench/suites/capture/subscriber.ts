import { AsyncLocalStorage } from 'node:async_hooks';
import {
  Column,
  CreateDateColumn,
  DataSource,
  Entity,
  type EntityManager,
  type EntityMetadata,
  type EntitySubscriberInterface,
  type InsertEvent,
  type ObjectLiteral,
  PrimaryGeneratedColumn,
  type RemoveEvent,
  type UpdateEvent,
} from 'typeorm';
import { optionsOf, prepared } from '../../support/databases';
import { entities } from '../../support/entities';
import { first } from '../../support/handle';
import { actor, type Contestant, reason } from './contestant';

@Entity()
class AuditLog {
  @PrimaryGeneratedColumn()
  id!: number;

  @CreateDateColumn()
  at!: Date;

  @Column({ type: 'varchar' })
  entity!: string;

  @Column({ type: 'varchar', nullable: true })
  entityId!: string | null;

  @Column({ type: 'varchar' })
  operation!: string;

  @Column({ type: 'text', nullable: true })
  before!: string | null;

  @Column({ type: 'text', nullable: true })
  after!: string | null;

  @Column({ type: 'varchar', nullable: true })
  actor!: string | null;

  @Column({ type: 'varchar', nullable: true })
  reason!: string | null;

  @Column({ type: 'varchar', nullable: true })
  correlationId!: string | null;
}

type Keep = (manager: EntityManager, record: Omit<AuditLog, 'id' | 'at'>) => Promise<unknown> | void;

/** As people write it: JSON of what the event has, which is little for anything but `save` and `remove`. */
class HandWrittenSubscriber implements EntitySubscriberInterface {
  constructor(
    private readonly requests: AsyncLocalStorage<string>,
    private readonly keep: Keep,
  ) {}

  afterInsert({ metadata, manager, entity }: InsertEvent<ObjectLiteral>) {
    return this.record(manager, metadata, 'insert', undefined, entity);
  }

  afterUpdate({ metadata, manager, databaseEntity, entity }: UpdateEvent<ObjectLiteral>) {
    return this.record(manager, metadata, 'update', databaseEntity, entity);
  }

  afterRemove({ metadata, manager, databaseEntity, entity }: RemoveEvent<ObjectLiteral>) {
    return this.record(manager, metadata, 'delete', databaseEntity ?? entity, undefined);
  }

  private async record(
    manager: EntityManager,
    metadata: EntityMetadata,
    operation: string,
    before: ObjectLiteral | undefined,
    after: ObjectLiteral | undefined,
  ): Promise<void> {
    if (metadata.target === AuditLog) return;
    const row = after ?? before;
    await this.keep(manager, {
      entity: metadata.name,
      entityId: row?.['id'] === undefined ? null : String(row['id']),
      operation,
      before: before ? JSON.stringify(before) : null,
      after: after ? JSON.stringify(after) : null,
      actor,
      reason,
      correlationId: this.requests.getStore() ?? null,
    });
  }
}

/** @param inMemory keep the records in a list instead of a table: what their making costs without the writing */
export async function openSubscriber(file: string, inMemory: boolean): Promise<Contestant> {
  const dataSource = new DataSource({ ...optionsOf(file), entities: [...entities, ...(inMemory ? [] : [AuditLog])] });
  await dataSource.initialize();
  const requests = new AsyncLocalStorage<string>();
  const list: unknown[] = [];
  const keep: Keep = inMemory
    ? (_, record) => void list.push(record)
    : (manager, record) => manager.insert(AuditLog, record);
  dataSource.subscribers.push(new HandWrittenSubscriber(requests, keep));
  const handle = await prepared(dataSource);
  return {
    dataSource,
    run: (correlationId, work) => requests.run(correlationId, work),
    settle: async () => undefined,
    recorded: async () => (inMemory ? list.length : Number(await first(handle, 'SELECT count(*) FROM audit_log'))),
    forget: async () => {
      list.length = 0;
      if (!inMemory) await handle.exec('DELETE FROM audit_log');
    },
  };
}
