export interface LoopRequest {
  writers: number;
  /** How long; undefined: until the backlog that is there at the start is drained. */
  seconds: number | undefined;
}

/** Milliseconds. */
export interface Delays {
  p50: number;
  p99: number;
  max: number;
  samples: number;
}

export interface LoopAnswer {
  /** Of a loop that has nothing to do: what the monitor itself adds. */
  idle: Delays;
  loop: Delays;
  writes: Delays;
  seconds: number;
  /** Changes of the writers. */
  written: number;
  /** Entries and outbox rows at the end, after a flush. */
  entries: number;
  pending: number;
}
