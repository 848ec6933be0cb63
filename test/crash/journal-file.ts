import { existsSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { JournaledOperation } from './oracle/journal';

type Line =
  | { intent: Omit<JournaledOperation, 'isAcknowledged'> }
  | { acknowledged: string }
  /** The client was told that nothing of it is done. */
  | { undone: string }
  | { begun: string }
  | { ended: string }
  | { problem: string };

/** What a client writes while it works: each line is in the hands of the operating system before the client goes on. */
export class JournalWriter {
  private readonly descriptor: number;

  constructor(folder: string, name: string) {
    this.descriptor = openSync(join(folder, `${name}.jsonl`), 'a');
  }

  write(line: Line): void {
    writeSync(this.descriptor, `${JSON.stringify(line)}\n`);
  }
}

export interface ReadJournal {
  operations: JournaledOperation[];
  /** What the maintenance was doing when the process was killed. */
  interrupted: string[];
  /** What went wrong in the worker itself. */
  problems: string[];
}

/** Everything that the clients of one life of the worker wrote. */
export function readJournals(folder: string): ReadJournal {
  const journal: ReadJournal = { operations: [], interrupted: [], problems: [] };
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const byId = new Map<string, JournaledOperation>();
    let doing: string | undefined;
    // Behind the last line break is what a kill cut off: its operation had not begun, or nobody was told of its end.
    for (const text of readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1)) {
      const line = JSON.parse(text) as Line;
      if ('intent' in line) byId.set(line.intent.correlationId, { ...line.intent, isAcknowledged: false });
      else if ('acknowledged' in line) byId.get(line.acknowledged)!.isAcknowledged = true;
      else if ('undone' in line) Object.assign(byId.get(line.undone)!, { expected: [], isAcknowledged: true });
      else if ('begun' in line) doing = line.begun;
      else if ('ended' in line) doing = undefined;
      else journal.problems.push(`${name}: ${line.problem}`);
    }
    journal.operations.push(...byId.values());
    if (doing !== undefined) journal.interrupted.push(doing);
  }
  return journal;
}
