import type { DataSource, DataSourceOptions, EntityManager, EntitySchema } from 'typeorm';
import type { Reshape } from './reshape';

/** The tables that a path writes to. */
export interface Model {
  name: string;
  entities: (EntitySchema | (new () => object))[];
  migrations?: DataSourceOptions['migrations'];
  /** SQL run once, after the entities' own tables were made: tables and triggers that TypeORM can't declare. */
  setup?: string[];
  /** A path leaves the tables in another shape, so that no other can go on with its database. */
  isUsedUp?: boolean;
}

/** What a path works with. */
export interface App {
  dataSource: DataSource;
  manager: EntityManager;
  /**
   * Judges what happened since the last checkpoint. An insert and its delete replay to nothing whatever their images
   * say, so a path that does both stops in between. Without `changes`, they only count towards those of the path.
   */
  checkpoint(changes?: string): Promise<void>;
  /** Says what a change of the schema has done to the rows; called after it, in the stretch in which it happened. */
  reshape(reshape: Reshape): void;
}

/** One way to write, and what it truly does to the rows. */
export interface WritePath {
  name: string;
  model: Model;
  /** As in `user.I, post.I×2`; `user.T` for the marker of a clear(); `none` where no row changes. Taken from the database, not from what the ORM announces. */
  changes: string;
  /** Rows to start from. They are recorded too, but not judged with this path. */
  prepare(app: App): Promise<unknown>;
  run(app: App, prepared: unknown): Promise<unknown>;
  /**
   * What a run without the library confirms: the changes as counted by triggers of the suite's own and the final rows;
   * or only the rows, where such triggers would not see everything or would stand in the way.
   */
  truth: 'changes and rows' | 'rows' | 'none';
  /** For what the database makes impossible: the warning by which the library says that it will not be exact. */
  warning?: RegExp;
  /** Why the installed TypeORM can't write in this way; undefined where it can. */
  lacking?: string | undefined;
  /** What a server that is not quite the database lacks, so that the path can't run there. */
  needs?: string;
}

export interface PathSpec<T> {
  changes: string;
  prepare?(app: App): Promise<T>;
  run(app: App, prepared: T): Promise<unknown>;
  truth?: WritePath['truth'];
  warning?: RegExp;
  lacking?: string | undefined;
  needs?: string;
}

/** Collects paths over one model; `add` keeps what `prepare` returns typed for `run`. */
export class PathList {
  readonly paths: WritePath[] = [];

  constructor(private readonly model: Model) {}

  add<T = undefined>(name: string, spec: PathSpec<T>): this {
    this.paths.push({
      name,
      model: this.model,
      changes: spec.changes,
      prepare: async (app) => spec.prepare?.(app),
      run: (app, prepared) => spec.run(app, prepared as T),
      truth: spec.truth ?? 'changes and rows',
      ...(spec.warning && { warning: spec.warning }),
      lacking: spec.lacking,
      ...(spec.needs !== undefined && { needs: spec.needs }),
    });
    return this;
  }
}

/** Runs what has to fail, and hands on the error. */
export async function failing(work: () => Promise<unknown>): Promise<Error> {
  try {
    await work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('this should have failed');
}
