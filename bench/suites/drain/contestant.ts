/** `drain` turns the outbox into entries; `raw` writes the same final rows by prepared inserts. */
export const contestantNames = ['drain', 'raw'] as const;

export type ContestantName = (typeof contestantNames)[number];

export interface RoundRequest {
  /** A copy of the backlog, for this round alone. */
  file: string;
  /** The same, drained: has the final rows. */
  drained: string;
}

export interface RoundAnswer {
  /** Microseconds. */
  cpu: number;
  wall: number;
  /** Rows in each audit table at the end. */
  rows: Record<string, number>;
}

/** Rows of one transaction, for both. */
export const sliceRows = 250;
