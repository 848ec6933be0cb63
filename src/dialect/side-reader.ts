/** A connection that only reads, beside the writing one: what has committed, and no waiting for a transaction. */
export interface SideReader {
  /** Rows of a statement that reads, at once or later; undefined where only the writing connection can say what they are. */
  read(sql: string, parameters: readonly unknown[]): unknown[] | undefined | Promise<unknown[] | undefined>;
  /** To be told after a statement that may have changed what the writing connection alone knows: schema, settings, files. */
  reconsider(sql: string): void;
  close(): void | Promise<void>;
}
