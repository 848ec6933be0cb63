/** A connection in the application's thread that only reads, beside the writing one: what has committed, and no waiting. */
export interface SideReader {
  /** Rows of a statement that reads; undefined where only the writing connection can say what they are. */
  read(sql: string, parameters: readonly unknown[]): unknown[] | undefined;
  /** To be told after a statement that may have changed what the writing connection alone knows: schema, settings, files. */
  reconsider(sql: string): void;
  close(): void;
}
