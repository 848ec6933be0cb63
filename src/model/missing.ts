/** What can be asked for before a change. */
export const requirements = ['context', 'reason'] as const;

/** `context`: an actor · `reason`: a reason. */
export type Requirement = (typeof requirements)[number];

/** What was missing before a change: what was asked for, or the triggers that record it. */
export type Missing = Requirement | 'triggers';

/** Changes of an entity that went through although something was missing. */
export interface PolicyWarning {
  entity: string;
  missing: Missing;
  /** Committed changes of rows; of `triggers` committed transactions. */
  count: number;
}
