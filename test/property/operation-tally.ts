import type { OperationName } from './operations/all-operations';
import type { Journal } from './journal';

/** How many operations of each kind were executed, and how many of those were refused. */
export class OperationTally {
  private readonly counts = new Map<OperationName, { done: number; failed: number }>();
  total = 0;

  add(journal: Journal): void {
    for (const { op, result } of journal.steps.values()) {
      const count = this.counts.get(op) ?? { done: 0, failed: 0 };
      if (/^(SQLITE_|CONSTRAINT |AUDIT_|QueryRunner)/.test(result)) count.failed += 1;
      else count.done += 1;
      this.counts.set(op, count);
      this.total += 1;
    }
  }

  /** operation · done · failed, in columns. */
  format(): string {
    const names = [...this.counts.keys()].sort();
    const width = Math.max(...names.map((name) => name.length));
    const lines = names.map((name) => {
      const { done, failed } = this.counts.get(name)!;
      return `${name.padEnd(width)} ${String(done).padStart(9)} ${String(failed).padStart(9)}`;
    });
    return [`${'operation'.padEnd(width)} ${'done'.padStart(9)} ${'failed'.padStart(9)}`, ...lines].join('\n');
  }
}
