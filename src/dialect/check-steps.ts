import type { CheckStep } from '../reports';

/** The steps of a check in their order; each is one of them when it is done. */
export class CheckSteps {
  readonly steps: CheckStep[] = [];

  ok(name: string, detail: string): void {
    this.steps.push({ name, status: 'ok', detail, remedy: null });
  }

  warn(name: string, detail: string, remedy: string): void {
    this.steps.push({ name, status: 'warning', detail: oneLine(detail), remedy });
  }

  fail(name: string, detail: string, remedy: string): void {
    this.steps.push({ name, status: 'failed', detail: oneLine(detail), remedy });
  }

  /** What can't be looked at because of what failed before. */
  skip(names: readonly string[], detail: string): void {
    for (const name of names) this.steps.push({ name, status: 'skipped', detail, remedy: null });
  }

  /** Runs what throws where something is wrong; true where nothing was. */
  async attempt(name: string, remedy: string, work: () => Promise<string>): Promise<boolean> {
    try {
      this.ok(name, await work());
      return true;
    } catch (error) {
      this.fail(name, messageOf(error), remedy);
      return false;
    }
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function oneLine(text: string): string {
  return text
    .replace(/^(?:\w*Error: )+/, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}
