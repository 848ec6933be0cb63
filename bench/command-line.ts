import { parseArgs } from 'node:util';
import type { Suite } from './suite';

export interface Arguments {
  help: boolean;
  only: string[];
  quick: boolean;
  rounds: number | undefined;
  size: number | undefined;
  minutes: number | undefined;
  match: string;
  out: string | undefined;
}

/** A mistake on the command line; the message says what to do. */
export class UsageError extends Error {}

/** @throws UsageError */
export function parseArguments(args: string[], suites: readonly Suite[]): Arguments {
  const values = parse(args);
  const names = suites.map(({ name }) => name);
  const only = (values.only ?? []).flatMap((list) => list.split(','));
  for (const name of only) {
    if (!names.includes(name)) throw new UsageError(`There is no suite "${name}"; there are ${names.join(', ')}.`);
  }
  return {
    help: values.help ?? false,
    only,
    quick: values.quick ?? false,
    rounds: wholeNumber('rounds', values.rounds),
    size: wholeNumber('size', values.size),
    minutes: wholeNumber('minutes', values.minutes),
    match: values.match ?? '',
    out: values.out,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        help: { type: 'boolean', short: 'h' },
        only: { type: 'string', multiple: true },
        quick: { type: 'boolean' },
        rounds: { type: 'string' },
        size: { type: 'string' },
        minutes: { type: 'string' },
        match: { type: 'string' },
        out: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text.replaceAll('_', ''));
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError(`--${name} must be a whole number above 0, not "${text}".`);
}

export function helpText(suites: readonly Suite[]): string {
  const width = Math.max(...suites.map(({ name }) => name.length));
  return `Usage: npm run bench -- [options]

Measures what the trail costs and how fast it is, prints tables, and writes the figures to a JSON file.

  --only NAME   only this suite; may be given again, or a list with commas
  --quick       the short form of CI: shows that the bench works; its figures mean little
  --rounds N    rounds of each contestant
  --size N      rows, entries or changes that a suite works on
  --match TEXT  only parts of a suite whose name contains it, such as a write path of capture
  --minutes N   how long the load of the suite memory lasts
  --out FILE    the JSON file; bench/results/<time>.json otherwise
  --help        this text

Suites:
${suites.map(({ name, describes }) => `  ${name.padEnd(width)}  ${describes}`).join('\n')}

Exit codes: 0 figures taken; 1 the bench is broken (a suite failed, a figure can't be true); 2 wrong usage.
A slow machine is no failure; a busy one is named, in the file as well.`;
}
