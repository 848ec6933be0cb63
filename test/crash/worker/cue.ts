/** What the maintenance does, and a kill may be meant for. */
export const phases = [
  'flush',
  'reading',
  'closing the trail',
  'attaching again',
  'closing the database',
  'opening the database',
] as const;

export type Phase = (typeof phases)[number];

/** When the parent wants to be told that the time has come: after so much work, and perhaps in a certain phase. */
export interface Moment {
  operations: number;
  phase?: Phase;
}

/** Counts the work of all clients, so that how much is compared does not depend on how fast the machine is. */
export class Cue {
  private moment: Moment | undefined;
  private operations = 0;
  private phase: Phase | undefined;

  constructor(private readonly give: () => void) {}

  set(moment: Moment): void {
    this.moment = moment;
  }

  begun(phase: Phase): void {
    this.phase = phase;
    this.check();
  }

  ended(): void {
    this.phase = undefined;
  }

  operated(): void {
    this.operations += 1;
    this.check();
  }

  private check(): void {
    if (!this.moment || this.operations < this.moment.operations) return;
    if (this.moment.phase !== undefined && this.moment.phase !== this.phase) return;
    this.moment = undefined;
    this.give();
  }
}
