import type { Outcome } from './run-path';

/** path · true changes · recorded changes · ok, in columns. */
export function formatTable(outcomes: readonly Outcome[]): string {
  const head = ['path', 'true changes', 'recorded changes', 'ok'];
  const body = outcomes.map(({ name, trueChanges, recorded, verdict }) => [name, trueChanges, recorded, verdict]);
  const lines = [head, ...body].map((cells) => cells.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, index) => Math.min(60, Math.max(...lines.map((cells) => cells[index]!.length))));
  const format = (cells: string[]): string =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index]!)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  const [first, ...rest] = lines.map(format);
  return [first, rule, ...rest].join('\n');
}
