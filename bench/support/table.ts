import type { Spread } from './statistics';

/** A table for the console; the first column is set left, the others right. */
export interface TableText {
  title: string;
  head: string[];
  rows: string[][];
  /** Printed below, a line each. */
  notes?: string[];
}

export function formatTable({ title, head, rows, notes = [] }: TableText): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const format = (line: string[]) =>
    widths
      .map((width, column) =>
        column === 0 ? (line[column] ?? '').padEnd(width) : (line[column] ?? '').padStart(width),
      )
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return ['', title, '', format(head), rule, ...rows.map(format), ...notes.map((note) => `  ${note}`), ''].join('\n');
}

/** With so many digits that three are significant: 0.123, 1.23, 12.3, 1,234. */
export function figure(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** `1.23 (1.20–1.31)`: median and quartiles. */
export function spreadText({ median, q1, q3 }: Spread): string {
  return `${figure(median)} (${figure(q1)}–${figure(q3)})`;
}
