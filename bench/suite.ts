import type { TableText } from './support/table';

/** What the command line asks of a suite. */
export interface SuiteOptions {
  /** The short form that runs in CI: it shows that the bench works, its figures mean little. */
  quick: boolean;
  /** Rounds of each contestant; undefined for the suite's own number. */
  rounds: number | undefined;
  /** Rows, entries or changes that a suite works on; undefined for the suite's own number. */
  size: number | undefined;
  /** Only the parts of a suite whose name contains it, where a suite has parts; empty for all. */
  match: string;
  /** How long a suite of load lasts; undefined for its own time. */
  minutes: number | undefined;
  /** A directory of the suite's own, empty at the start and removed after it. */
  folder: string;
  /** What is going on, a line at a time, on stderr. */
  progress: (text: string) => void;
}

export interface SuiteResult {
  /** For the console. */
  tables: TableText[];
  /** For the JSON file: numbers with their units in the names. No NaN. */
  figures: unknown;
  /** What shows that the bench is broken, never that the machine is slow; any makes the command fail. */
  problems: string[];
}

/** A group of figures that are taken together. */
export interface Suite {
  name: string;
  /** One line for `--help`. */
  describes: string;
  run(options: SuiteOptions): Promise<SuiteResult>;
}
