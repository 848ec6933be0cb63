import { preparedHandle } from '../../support/databases';
import { first, type OpenFile, openFile, type Run } from '../../support/handle';
import type { Sample } from './contestant';
import type { WritePath } from './write-path';

/** The least that a record can cost: one prepared insert of its bytes, in the path's shape of transaction. */
export class Floor {
  private readonly statements = new Map<string, Run>();

  private constructor(readonly database: OpenFile) {}

  static async open(file: string): Promise<Floor> {
    const database = openFile(file);
    await preparedHandle(database);
    return new Floor(database);
  }

  /** An empty table. */
  async reset({ createTable }: Sample): Promise<void> {
    await this.database.exec('DROP TABLE IF EXISTS audit_outbox');
    await this.database.exec(createTable);
  }

  async recorded(): Promise<number> {
    return Number(await first(this.database, 'SELECT count(*) FROM audit_outbox'));
  }

  /** Everything that is bound is made before the clock starts. */
  prepare({ transactions }: Sample, operations: number): { run: Run; values: unknown[] }[][] {
    return Array.from({ length: operations }, (_, index) =>
      transactions[index % transactions.length]!.map((row) => ({
        run: this.statement(Object.keys(row)),
        values: Object.values(row),
      })),
    );
  }

  async write(path: WritePath, transactions: ReturnType<Floor['prepare']>): Promise<void> {
    const begin = this.database.prepare('BEGIN IMMEDIATE');
    const commit = this.database.prepare('COMMIT');
    for (const rows of transactions) {
      const isOpen = path.transaction || rows.length > 1;
      let done = isOpen ? begin([]) : undefined;
      if (done) await done;
      for (const { run, values } of rows) {
        done = run(values);
        if (done) await done;
      }
      done = isOpen ? commit([]) : undefined;
      if (done) await done;
    }
  }

  private statement(columns: string[]): Run {
    const sql = `INSERT INTO audit_outbox (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
    const known = this.statements.get(sql);
    if (known) return known;
    const run = this.database.prepare(sql);
    this.statements.set(sql, run);
    return run;
  }
}
