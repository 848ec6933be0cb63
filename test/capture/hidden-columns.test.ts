import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { Redacted } from '../../src/index';
import { audited, type Audited } from '../support/databases';

@Entity()
class Account {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'varchar', name: 'Password' })
  @Redacted()
  password!: string;
}

const everything = async ({ dataSource }: Audited) =>
  JSON.stringify(
    await Promise.all(
      ['audit_outbox', 'audit_entry', 'audit_meta'].map((table) => dataSource.query(`SELECT * FROM ${table}`)),
    ),
  );

@Entity()
class Keyed {
  @PrimaryColumn({ type: 'varchar' })
  @Redacted()
  ssn!: string;
}

describe('a redacted column', () => {
  it('can’t be part of the key', async () => {
    await expect(audited([Keyed])).rejects.toThrow(/Keyed.ssn is part of the key/);
  });

  it('is one whatever the case of its name in the table', async () => {
    const audit = await audited([Account]);
    await audit.dataSource.query('ALTER TABLE account RENAME COLUMN "Password" TO password');
    await audit.dataSource.getRepository(Account).insert({ password: 'secret' });
    const { entries } = await audit.trail.recent({ fresh: true });
    expect(entries[0]!.after).toEqual({ id: 1, password: { $redacted: true } });
    expect(await everything(audit)).not.toContain('secret');
  });

  it('is one under another name, while a migration renames it', async () => {
    const audit = await audited([Account]);
    await audit.dataSource.query('ALTER TABLE account RENAME COLUMN "Password" TO old_name');
    await audit.dataSource.query(`INSERT INTO account (old_name) VALUES ('secret')`);
    await audit.trail.flush();
    expect(await everything(audit)).toContain('old_name');
    expect(await everything(audit)).not.toContain('secret');
  });
});
