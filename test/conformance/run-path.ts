import { judge } from '../../src/testing/oracle/judge';
import { type Reshape, reshapeChange, reshapeSnapshot } from './reshape';
import type { RowChange } from '../../src/testing/oracle/replay';
import { differences, type Snapshot } from '../../src/testing/oracle/snapshot';
import type { AuditedDatabase, Target } from './target';
import {
  addCounts,
  type ChangeCounts,
  countChanges,
  describeCounts,
  parseCounts,
  rowsOnly,
} from '../../src/testing/oracle/true-changes';
import type { App, WritePath } from './write-path';

/** What became of one path. */
export interface Outcome {
  name: string;
  trueChanges: string;
  recorded: string;
  problems: string[];
  /** `warned` where it is not exact, and the library has said so. */
  verdict: 'yes' | 'NO' | 'warned';
}

/** Filled from the clock: two runs differ in them. */
const volatileColumns = new Set(['createdat', 'updatedat', 'deletedat', 'updated_at']);

/** Runs a path under capture and judges it; then without the library, to see that both the claim and the rows hold. */
export async function runPath(target: Target, path: WritePath): Promise<Outcome> {
  const audited = await runAudited(target, path);
  const { problems, recorded, rows } = audited;
  if (path.truth !== 'none') problems.push(...(await runPlain(target, path, rows)));
  const trueChanges = describeCounts(parseCounts(path.changes));
  const isWarned = path.warning !== undefined && audited.warnings.some((warning) => path.warning!.test(warning));
  const verdict = isWarned ? 'warned' : problems.length === 0 ? 'yes' : 'NO';
  return { name: path.name, trueChanges, recorded: describeCounts(recorded), problems, verdict };
}

async function runAudited(
  target: Target,
  path: WritePath,
): Promise<{ problems: string[]; recorded: ChangeCounts; rows: Snapshot; warnings: readonly string[] }> {
  const database = await target.open(path.model, path.truth);
  try {
    const court = new Court(database);
    const { dataSource } = database;
    const app: App = {
      dataSource,
      manager: dataSource.manager,
      checkpoint: (changes) => court.pause(changes),
      reshape: (reshape) => court.reshape(reshape),
    };
    const prepared = await path.prepare(app);
    await court.begin(parseCounts(path.changes));
    try {
      await path.run(app, prepared);
    } catch (error) {
      court.problems.push(`it failed: ${String(error)}`);
    }
    const rows = await court.end();
    return { problems: court.problems, recorded: court.recorded, rows, warnings: database.warnings() };
  } finally {
    await database.close();
  }
}

/** Judges a run, stretch by stretch. */
class Court {
  readonly problems: string[] = [];
  recorded: ChangeCounts = new Map();
  private total: ChangeCounts = new Map();
  private claimed: ChangeCounts = new Map();
  private before: Snapshot = new Map();
  private hasBegun = false;
  private reshapes: Reshape[] = [];

  constructor(private readonly database: AuditedDatabase) {}

  async begin(total: ChangeCounts): Promise<void> {
    this.hasBegun = true;
    this.total = total;
    await this.database.recorded();
    this.before = await this.database.snapshot();
  }

  async pause(changes: string | undefined): Promise<void> {
    if (this.hasBegun) await this.hear(changes === undefined ? undefined : parseCounts(changes));
  }

  reshape(reshape: Reshape): void {
    this.reshapes.push(reshape);
    reshapeSnapshot(this.before, reshape);
  }

  /** The last stretch has to bring what is still missing of the total. */
  end(): Promise<Snapshot> {
    return this.hear(minus(this.total, this.claimed));
  }

  private async hear(claim: ChangeCounts | undefined): Promise<Snapshot> {
    const { entries, maps } = await this.database.recorded();
    const after = await this.database.snapshot();
    const counted = countChanges(entries.filter(({ operation }) => operation !== 'event'));
    const expected = claim ?? counted;
    const { reshapes } = this;
    const reshape = (change: RowChange): RowChange => reshapeChange(change, reshapes, after);
    this.problems.push(...judge({ before: this.before, after, entries, maps, expected, reshape }));
    this.reshapes = [];
    this.claimed = addCounts(this.claimed, expected);
    this.recorded = addCounts(this.recorded, counted);
    this.before = after;
    return after;
  }
}

function minus(total: ChangeCounts, part: ChangeCounts): ChangeCounts {
  return new Map([...total].map(([name, count]) => [name, count - (part.get(name) ?? 0)]));
}

/** The claim against an independent log, and the final rows against those under capture: it must not change them. */
async function runPlain(target: Target, path: WritePath, rows: Snapshot): Promise<string[]> {
  const hasLog = path.truth === 'changes and rows';
  const database = await target.openPlain(path.model, path.truth);
  try {
    const { dataSource } = database;
    const app: App = { dataSource, manager: dataSource.manager, checkpoint: async () => {}, reshape: () => {} };
    const problems: string[] = [];
    const prepared = await path.prepare(app);
    await database.logged();
    try {
      await path.run(app, prepared);
    } catch (error) {
      problems.push(`without the library it failed: ${String(error)}`);
    }
    const logged = describeCounts(await database.logged());
    const claimed = describeCounts(rowsOnly(parseCounts(path.changes)));
    if (hasLog && logged !== claimed) problems.push(`the claim is ${claimed}; an independent log counted ${logged}`);
    const differing = differences(rows, await database.snapshot(), volatileColumns);
    problems.push(...differing.map((text) => `compared with a run without the library, ${text}`));
    return problems;
  } finally {
    await database.close();
  }
}
