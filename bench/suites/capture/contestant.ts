import type { DataSource } from 'typeorm';

/** In the order of their turns; `plain` and `control` are the same, so that they show how far figures can be trusted. */
export const contestantNames = [
  'plain',
  'audited',
  'auditedWithoutDrain',
  'subscriber',
  'subscriberInMemory',
  'floor',
  'control',
] as const;

/** Takes its turns with them where its package is installed; see `typeorm-auditing.ts`. */
export const guestName = 'typeormAuditing';

export type ContestantName = (typeof contestantNames)[number] | typeof guestName;

/** One that does the work of a write path, on a database of its own. */
export interface Contestant {
  dataSource: DataSource;
  /** Who writes, and on whose request: given to those that record it. */
  run<T>(correlationId: string, work: () => T): T;
  /** Part of the measurement: what the operations have left to be done. */
  settle(): Promise<void>;
  /** Records of changes made since the last `forget`. */
  recorded(): Promise<number>;
  /** Takes the records away, before a round. */
  forget(): Promise<void>;
}

export const actor = 'ann@example.org';
export const reason = 'quarterly review';

/** What the floor writes: the records that the audited contestant has written, and the table that it wrote them to. */
export interface Sample {
  createTable: string;
  /** Of each transaction the rows, without the columns that are null. */
  transactions: Record<string, unknown>[][];
}

export interface RoundRequest {
  path: string;
  operations: number;
  /** Of this path, for the floor. */
  sample: Sample | undefined;
  /** Answer with a sample. */
  takeSample: boolean;
}

export interface RoundAnswer {
  /** Microseconds of the whole round. */
  cpu: number;
  wall: number;
  /** Records made in it. */
  recorded: number;
  sample: Sample | undefined;
  /** Equal for contestants that are set up alike. */
  pragmas: string;
}
