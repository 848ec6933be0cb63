/** A note in `audit_meta`; null takes it away. */
export type Note = readonly [name: string, value: string | null];
