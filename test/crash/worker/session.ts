import type { DataSource } from 'typeorm';
import { auditContext, AuditTrail, createDataSource } from 'typeorm-audit-trail';
import type { JournalWriter } from '../journal-file';
import type { Random } from '../random';
import { Counter, entities, Label } from './entities';
import { counterCount } from './other-steps';
import { labelCount } from './steps';

/** The time from opening the database to closing it; a worker has several in a row. */
export class Session {
  /** False when the clients are to stop. */
  isOpen = true;

  private constructor(
    readonly dataSource: DataSource,
    readonly trail: AuditTrail,
    /** Nothing is drained before the end, so that much waits then. */
    readonly isLazy: boolean,
  ) {}

  /** @param auditDatabase URL of a separate one, empty without */
  static async open(file: string, auditDatabase: string, random: Random): Promise<Session> {
    const isLazy = random.chance(0.3);
    const dataSource = createDataSource(`sqlite:${file}`, {
      entities,
      synchronize: true,
      audit: {
        commitIntervalMs: random.pick([10, 30, 100]),
        batchSize: random.pick([1, 7, 50]),
        drain: !isLazy,
        ...(auditDatabase !== '' && { auditDatabase }),
      },
    });
    return new Session(dataSource, await AuditTrail.attach(dataSource), isLazy);
  }

  /** The rows that all clients share, once. */
  async seed(journal: JournalWriter): Promise<void> {
    if (await this.dataSource.manager.exists(Counter)) return;
    const labels = Array.from({ length: labelCount }, (_, index) => ({ id: index + 1, name: `label ${index + 1}` }));
    const counters = Array.from({ length: counterCount }, (_, index) => ({ id: index + 1, value: 0 }));
    const context = { actor: 'worker', reason: 'seed', source: 'crash test', correlationId: `seed ${process.pid}` };
    const expected = [...labels.map(() => 'label'), ...counters.map(() => 'counter')].map((table) => ({
      table,
      operation: 'insert',
    }));
    journal.write({ intent: { ...context, kind: 'seed', expected } });
    await auditContext.run(context, () =>
      this.dataSource.transaction(async (manager) => {
        await manager.insert(Label, labels);
        await manager.insert(Counter, counters);
      }),
    );
    journal.write({ acknowledged: context.correlationId });
  }
}
