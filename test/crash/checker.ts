import { type ReadJournal, readJournals } from './journal-file';
import { type Entry, toEntry } from './oracle/entry';
import { compareJournal, type JournaledOperation } from './oracle/journal';
import { compareRollups, countEntries, countPending, readEntries } from './oracle/read-log';
import { replay } from './oracle/replay';
import { emptySnapshot, readDatabase, type Snapshot, takeSnapshot } from './oracle/snapshot';
import { tables } from './tables';

/** What the checks found, and how much there was to find something in. */
export class Checker {
  readonly figures = {
    kills: 0,
    killedInRecovery: 0,
    checks: 0,
    /** Kills by what the maintenance was doing, or by what there was already. */
    interrupted: new Map<string, number>(),
    operations: new Map<string, number>(),
    entries: new Map<string, number>(),
    unacknowledged: { committed: 0, gone: 0 },
  };
  readonly problems: string[] = [];
  private last: Snapshot = emptySnapshot(tables);
  private lastId = 0;
  private checked = 0;
  private journal: JournaledOperation[] = [];
  private readonly compared = new Set<string>();
  private file = '';
  private log = '';

  /** From now on it is about this database, which is empty. @param log the file that has its log */
  begin(file: string, log = file): void {
    this.file = file;
    this.log = log;
    this.last = emptySnapshot(tables);
    this.lastId = 0;
    this.checked = 0;
    this.compared.clear();
  }

  /** Takes in what a killed worker left. */
  note(folder: string, wasKilled: boolean): void {
    const { interrupted, problems } = this.read(folder);
    this.problems.push(...problems);
    if (!wasKilled) this.problems.push(`a worker ended by itself, see ${folder}`);
    this.figures.kills += 1;
    for (const what of interrupted) add(this.figures.interrupted, what);
  }

  /** A kill whose instant is known by what it left. */
  killedAt(stage: string): void {
    this.figures.killedInRecovery += 1;
    add(this.figures.interrupted, stage);
  }

  /** To be called when a worker has recovered and waits; `folder` is its journal. */
  check(folder: string): void {
    this.read(folder);
    this.figures.checks += 1;
    const now = readDatabase(this.file, (database) => takeSnapshot(database, tables));
    const waiting = readDatabase(this.file, (database) => [
      countPending(database),
      ...(this.log === this.file ? [] : [countEntries(database, Infinity)]),
    ]);
    const problems = readDatabase(this.log, (database) => {
      const entries = readEntries(database, this.lastId).map((raw) => toEntry(tables, raw));
      const found = [
        ...waiting.filter((records) => records > 0).map((records) => `${records} records wait after a flush`),
        ...(countEntries(database, this.lastId) === this.checked ? [] : ['entries of earlier checks have gone']),
        ...replay(tables, this.last, entries, now),
        ...this.compareJournal(entries),
        ...compareRollups(database),
      ];
      this.last = now;
      this.checked += entries.length;
      this.lastId = entries.at(-1)?.id ?? this.lastId;
      return found;
    });
    this.problems.push(...problems.map((problem) => `${folder}: ${problem}`));
  }

  /** The whole log at once, from empty tables. */
  checkAll(): void {
    const now = readDatabase(this.file, (database) => takeSnapshot(database, tables));
    const entries = readDatabase(this.log, (database) => readEntries(database, 0).map((raw) => toEntry(tables, raw)));
    const problems = replay(tables, emptySnapshot(tables), entries, now);
    this.problems.push(...problems.map((problem) => `${this.file}, the whole log: ${problem}`));
  }

  private read(folder: string): ReadJournal {
    const journal = readJournals(folder);
    this.journal.push(...journal.operations.filter(({ correlationId }) => !this.compared.has(correlationId)));
    return journal;
  }

  private compareJournal(entries: readonly Entry[]): string[] {
    const { problems, operations, unacknowledged } = compareJournal(this.journal, entries);
    for (const { correlationId } of this.journal) this.compared.add(correlationId);
    this.journal = [];
    for (const [kind, count] of operations) add(this.figures.operations, kind, count);
    for (const { operation } of entries) add(this.figures.entries, operation);
    this.figures.unacknowledged.committed += unacknowledged.committed;
    this.figures.unacknowledged.gone += unacknowledged.gone;
    return problems;
  }
}

function add(counts: Map<string, number>, key: string, count = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
