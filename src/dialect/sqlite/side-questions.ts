import type { Engine } from '../engine';

/** Plain queries. EXPLAIN shows triggers, which are the writing connection's. */
const query = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|;)*(?:SELECT|VALUES|WITH)\b/i;
/** What can be about the connection that is asked instead of the database; a column of such a name merely waits. */
const aboutConnection = /\b(?:changes|total_changes|last_insert_rowid)\b|\bpragma_|\bsqlite_temp_|\btemp["'`\]]?\s*\./i;
/** Settings of a connection that change what a query gives. */
const decisiveSetting =
  /\bPRAGMA\s+(?:\w+\s*\.\s*)?(?:case_sensitive_like|short_column_names|full_column_names|trusted_schema|writable_schema|read_uncommitted)\b/i;

const remembered = 256;

/** Which statements a second connection, which only reads, answers just as the writing one would. */
export class SideQuestions {
  private readonly answers = new Map<string, boolean>();
  /** Names of TEMP tables and views of the writing connection, which hide those of the database. */
  private temporary: readonly string[] = [];
  private isStale = true;
  private isSetDifferently = false;

  constructor(private readonly writer: Engine) {}

  canAsk(sql: string): boolean {
    let canAnswer = this.answers.get(sql);
    if (canAnswer === undefined) this.remember(sql, (canAnswer = this.isAnswered(sql)));
    return canAnswer;
  }

  /** A table, function or collation is not known there, or it is a mistake, which the other connection reports. */
  failed(sql: string): void {
    this.remember(sql, false);
  }

  reconsider(sql: string): void {
    if (decisiveSetting.test(sql)) this.isSetDifferently = true;
    this.isStale = true;
    this.answers.clear();
  }

  private isAnswered(sql: string): boolean {
    if (this.isSetDifferently || !query.test(sql) || aboutConnection.test(sql)) return false;
    if (this.isStale) this.readTemporary();
    const text = sql.toLowerCase();
    return !this.temporary.some((name) => text.includes(name));
  }

  private readTemporary(): void {
    const { rows } = this.writer.execute(
      `SELECT name FROM sqlite_temp_master WHERE type IN ('table', 'view') AND name NOT LIKE 'audit\\_trail\\_%' ESCAPE '\\'`,
    );
    // A name that has to be written with its quotes doubled is found by what is in front of them.
    const names = (rows as { name: string }[]).map(({ name }) => name.toLowerCase().split(/["'`\]]/)[0]!);
    // What an open transaction has dropped is still there for everybody else, and what it has made may go again.
    this.isStale = this.writer.inTransaction;
    this.temporary = this.isStale ? [...new Set([...this.temporary, ...names])] : names;
  }

  private remember(sql: string, canAnswer: boolean): void {
    this.answers.set(sql, canAnswer);
    if (this.answers.size > remembered) this.answers.delete(this.answers.keys().next().value as string);
  }
}
