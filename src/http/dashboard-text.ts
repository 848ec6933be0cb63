import { html, type Html } from './html';

/** How the dashboard page writes numbers, times and stored values. */

export const number = (value: number): string => value.toLocaleString('en-GB');

export function time(instant: string): Html {
  return html`<time datetime="${instant}">${instant.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')}</time>`;
}

/** A date as it is, an hour without its year. */
export function tick(point: { at: string } | undefined): string {
  const at = point?.at ?? '';
  return at.includes('T') ? `${at.slice(5, 16).replace('T', ' ')} UTC` : at;
}

const longestValue = 60;

/** A value of an image, short; what stands for a value that is not shown (see `model/codec.ts`) in words. */
export function value(stored: unknown): string {
  if (typeof stored === 'object' && stored !== null) {
    if ('$masked' in stored) return '(hidden)';
    if ('$redacted' in stored) return '(redacted)';
  }
  const text = JSON.stringify(stored) ?? '–';
  return text.length > longestValue ? `${text.slice(0, longestValue - 1)}…` : text;
}
