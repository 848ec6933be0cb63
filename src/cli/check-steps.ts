import type { CheckStep } from '../reports';
import { conceal, type Line } from './output';

const words: Record<CheckStep['status'], string> = {
  ok: 'ok      ',
  warning: 'WARNING ',
  failed: 'FAILED  ',
  skipped: 'skipped ',
};

/** What was looked at, a line each, and under it what to do about it. */
export function stepLines(steps: readonly CheckStep[]): Line[] {
  return steps.flatMap(({ name, status, detail, remedy }): Line[] => {
    const line: Line = [name, `${words[status]} ${detail}`];
    return remedy === null ? [line] : [line, ['', `${' '.repeat(words.ok.length)} ${remedy}`]];
  });
}

export function failedCount(steps: readonly CheckStep[]): number {
  return steps.filter(({ status }) => status === 'failed').length;
}

/** The steps without the command's URLs: a driver may repeat what it was given. */
export function withoutSecrets<Report extends { steps: CheckStep[] }>(report: Report): Report {
  return { ...report, steps: report.steps.map((step) => ({ ...step, detail: conceal(step.detail) })) };
}
