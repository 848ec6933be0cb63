import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditedDatabase } from './audited-database';
import { checkProgram, type Stages, type Tampering } from './check-program';
import { OperationTally } from './operation-tally';
import type { Program } from './program';
import { StockDatabase } from './stock-database';

/** Programs on one pair of databases: large enough that opening costs little, small enough for the log to stay small. */
const programsPerDatabase = 1_000;

/** Keeps databases ready for programs. After a failure it takes new ones: what failed may have left something behind. */
export class Workshop {
  readonly tally = new OperationTally();
  programs = 0;
  private readonly folder = mkdtempSync(join(tmpdir(), 'audit-property-'));
  private stages: Stages | undefined;
  private uses = 0;
  private opened = 0;

  /** @param openElsewhere databases that are no files */
  constructor(private readonly openElsewhere?: () => Promise<Stages>) {}

  /** What is wrong with a run of this program; none when all that is promised holds. */
  async check(program: Program, tamper?: Tampering): Promise<string[]> {
    if (this.uses >= programsPerDatabase) await this.putAway();
    this.stages ??= await this.open();
    this.uses += 1;
    this.programs += 1;
    let problems: string[];
    try {
      problems = await checkProgram(program, this.stages, this.tally, tamper);
    } catch (error) {
      problems = [`it could not be checked: ${(error as Error).stack ?? String(error)}`];
    }
    if (problems.length > 0) await this.putAway();
    return problems;
  }

  async dispose(): Promise<void> {
    await this.putAway();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async open(): Promise<Stages> {
    this.opened += 1;
    this.uses = 0;
    if (this.openElsewhere) return this.openElsewhere();
    const file = (name: string): string => join(this.folder, `${name}-${this.opened}.sqlite`);
    return { audited: await AuditedDatabase.open(file('audited')), stock: await StockDatabase.open(file('stock')) };
  }

  private async putAway(): Promise<void> {
    const { stages } = this;
    this.stages = undefined;
    await Promise.allSettled([stages?.audited.close(), stages?.stock.close()]);
    for (const name of ['audited', 'stock']) {
      for (const suffix of ['', '-wal', '-shm']) {
        rmSync(join(this.folder, `${name}-${this.opened}.sqlite${suffix}`), { force: true });
      }
    }
  }
}
