import { Column, CreateDateColumn, DeleteDateColumn, PrimaryGeneratedColumn, UpdateDateColumn } from 'typeorm';

export const statuses = ['pending', 'done', 'failed'] as const;

/** `pending`: waits to be recalculated, the result is an old one · `done` · `failed`: `error` says why. */
export type Status = (typeof statuses)[number];

/**
 * What the two kinds of calculation have in common.
 *
 * The column types are spelled out and exist on every database this may run on. Timestamps are the ORM's business.
 */
export abstract class Calculation {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column({ type: 'nvarchar', length: 100 })
  name!: string;

  @Column({ type: 'nvarchar', length: 500 })
  formula!: string;

  /** The values of the formula's names. */
  @Column({ type: 'simple-json' })
  inputs!: Record<string, number>;

  @Column({ type: 'float', nullable: true })
  result!: number | null;

  @Column({ type: 'varchar', length: 10 })
  status!: Status;

  /** Why the last calculation failed. */
  @Column({ type: 'nvarchar', length: 500, nullable: true })
  error!: string | null;

  /** Whom it belongs to; who changed it, and why, is in the audit trail. */
  @Column({ type: 'nvarchar', length: 100 })
  owner!: string;

  @CreateDateColumn()
  createdAt!: Date;

  @UpdateDateColumn()
  updatedAt!: Date;

  /** Set by a soft delete. */
  @DeleteDateColumn()
  deletedAt!: Date | null;

  /** What the names in the formula stand for. */
  values(): Map<string, number> {
    return new Map(Object.entries(this.inputs));
  }
}
