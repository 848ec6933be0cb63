import Database from 'better-sqlite3';
import { setPragmas } from '../../support/databases';
import type { Sample } from './contestant';
import type { WritePath } from './write-path';

/** The least that a record can cost: one prepared insert of its bytes, in the path's shape of transaction. */
export class Floor {
  readonly database: Database.Database;
  private readonly statements = new Map<string, Database.Statement>();

  constructor(file: string) {
    this.database = new Database(file);
    setPragmas(this.database);
  }

  /** An empty table. */
  reset({ createTable }: Sample): void {
    this.database.exec('DROP TABLE IF EXISTS audit_outbox');
    this.database.exec(createTable);
  }

  recorded(): number {
    return this.database.prepare('SELECT count(*) FROM audit_outbox').pluck().get() as number;
  }

  /** Everything that is bound is made before the clock starts. */
  prepare({ transactions }: Sample, operations: number): { statement: Database.Statement; values: unknown[] }[][] {
    return Array.from({ length: operations }, (_, index) =>
      transactions[index % transactions.length]!.map((row) => ({
        statement: this.statement(Object.keys(row)),
        values: Object.values(row),
      })),
    );
  }

  write(path: WritePath, transactions: ReturnType<Floor['prepare']>): void {
    const begin = this.database.prepare('BEGIN IMMEDIATE');
    const commit = this.database.prepare('COMMIT');
    for (const rows of transactions) {
      const isOpen = path.transaction || rows.length > 1;
      if (isOpen) begin.run();
      for (const { statement, values } of rows) statement.run(...values);
      if (isOpen) commit.run();
    }
  }

  private statement(columns: string[]): Database.Statement {
    const sql = `INSERT INTO audit_outbox (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
    const known = this.statements.get(sql);
    if (known) return known;
    const statement = this.database.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }
}
