/** A row in canonical form, keyed by property path; values are JSON, see `codec.ts`. */
export type Image = Record<string, unknown>;
