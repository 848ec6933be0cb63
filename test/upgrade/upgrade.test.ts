import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Column, Entity, type MigrationInterface, PrimaryGeneratedColumn, type QueryRunner } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { AuditTrail, createDataSource } from '../../src/index';
import { afterTest, temporaryFile } from '../support/databases';

/** The entity after the upgrade: a column renamed, one gone, one new. */
@Entity({ name: 'customer' })
class Customer {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'varchar', name: 'full_name' })
  fullName!: string;

  @Column({ type: 'simple-json', nullable: true })
  address!: unknown;
}

class Upgrade1700000000000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE customer RENAME COLUMN name TO full_name');
    await queryRunner.query('ALTER TABLE customer DROP COLUMN credit');
    await queryRunner.query('ALTER TABLE customer ADD COLUMN address TEXT');
    await queryRunner.query(`UPDATE customer SET address = '{"city":"Bern"}' WHERE id = 7`);
  }
  async down(): Promise<void> {
    // Nothing goes back.
  }
}

describe('an upgrade of an entity', () => {
  it('finds a full outbox, left by a process that was killed, and reads it under the shape it was written in', async () => {
    const file = temporaryFile();
    const child = fork(join(__dirname, 'first-version.mjs'), [file]);
    await once(child, 'message');
    child.kill('SIGKILL');
    await once(child, 'exit');

    const dataSource = createDataSource(`sqlite:${file}`, {
      entities: [Customer],
      migrations: [Upgrade1700000000000],
      migrationsRun: true,
      audit: { drain: false },
    });
    const trail = await AuditTrail.attach(dataSource);
    afterTest(() => dataSource.destroy());
    expect((await trail.stats()).pendingCount).toBe(201);
    await dataSource.getRepository(Customer).update(7, { fullName: 'Seven' });

    const { entries } = await trail.history(Customer, 7);
    expect(entries.map(({ operation, after, actor }) => [operation, after, actor])).toEqual([
      ['update', { id: 7, fullName: 'Seven', address: { city: 'Bern' } }, null],
      ['update', { id: 7, fullName: 'customer 7', address: { city: 'Bern' } }, null],
      ['update', { id: 7, name: 'customer 7', credit: null }, 'first version'],
      ['insert', { id: 7, name: 'customer 7', credit: '9007199254740993' }, 'first version'],
    ]);
    expect(entries[0]!.schemaVersion).toBe(entries[1]!.schemaVersion);
    expect(entries[2]!.schemaVersion).toBe(entries[3]!.schemaVersion);
    expect(entries[0]!.schemaVersion).not.toBe(entries[2]!.schemaVersion);
    expect((await trail.stats()).entriesByOperation).toEqual({ insert: 100, update: 102 });
  });
});
