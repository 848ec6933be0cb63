import type { DataSource } from 'typeorm';
import type { Sample } from './sample/sampler';

/**
 * Makes a DataSource of the application on a scratch database with its tables: synchronised or migrated, without rows,
 * another one on each call. It may be initialised, attached to a trail with the options of the application, or neither.
 * The suite writes to it and destroys it.
 */
export type DataSourceFactory = () => DataSource | Promise<DataSource>;

/** All optional. */
export interface ConformanceOptions {
  /** By name of the entity, what the suite can't guess: a function that gives some or all properties of a row. */
  samples?: Readonly<Record<string, Sample>>;
  /** What not to run, each with the reason: `Entity`, or `Entity: path` as the cases are named. */
  skip?: Readonly<Record<string, string>>;
  /** Run on a database whose tables hold rows; they will be changed and deleted. Default false: it is refused. */
  allowExistingRows?: boolean;
}
