import type { EntityMetadata } from 'typeorm';
import { auditContext } from '../index';
import { ConformanceError } from './conformance-error';
import type { ConformanceOptions, DataSourceFactory } from './conformance-options';
import type { ConformanceReport, ConformanceResult } from './conformance-report';
import { pathsOf } from './paths/all-paths';
import type { WritePath } from './paths/path';
import { type Heard, runPath } from './run-path';
import { Scratch } from './scratch';

/** One test: `run` throws where the path was not recorded exactly. */
export interface ConformanceCase {
  /** `Entity: path`. */
  name: string;
  entity: string;
  path: string;
  run: () => Promise<void>;
}

interface Planned {
  entity: string;
  path: string;
  /** Not to be run, and why. */
  left?: { verdict: 'skipped' | 'does not apply'; reason: string };
  /** Why no path of the entity can run. */
  obstacle?: Error;
}

interface Plan {
  planned: Planned[];
  notCaptured: ConformanceReport['notCaptured'];
}

/** The path that stands for an entity of which no row can be made. */
const firstOfAll = 'a row can be saved';

/**
 * A case for each write path that applies to an entity of the application and is not skipped, for any test runner:
 * `for (const { name, run } of await conformanceCases(factory)) test(name, run);`
 * @throws ConformanceError where the factory's database can't be used, or an option names what is not there
 */
export async function conformanceCases(
  factory: DataSourceFactory,
  options: ConformanceOptions = {},
): Promise<ConformanceCase[]> {
  const { planned } = await makePlan(factory, options);
  return planned
    .filter(({ left }) => !left)
    .map((item) => ({
      name: nameOf(item),
      entity: item.entity,
      path: item.path,
      run: async () => {
        const session = new Session(factory, options);
        const { verdict, problems } = await session.resultOf(item).finally(() => session.close());
        if (verdict !== 'exact') throw new ConformanceError(`${nameOf(item)}\n- ${problems.join('\n- ')}`);
      },
    }));
}

/**
 * Runs all cases one after another and says what was found, path by path, without throwing for what was not exact:
 * `report.ok` tells.
 * @throws ConformanceError as `conformanceCases`
 */
export async function checkConformance(
  factory: DataSourceFactory,
  options: ConformanceOptions = {},
): Promise<ConformanceReport> {
  const { planned, notCaptured } = await makePlan(factory, options);
  const results: ConformanceResult[] = [];
  const session = new Session(factory, options);
  try {
    for (const item of planned) results.push(await session.resultOf(item));
  } finally {
    await session.close();
  }
  const ok = results.every(({ verdict }) => verdict !== 'wrong' && verdict !== 'failed');
  return { ok, results, notCaptured };
}

function nameOf({ entity, path }: { entity: string; path: string }): string {
  return `${entity}: ${path}`;
}

async function makePlan(factory: DataSourceFactory, options: ConformanceOptions): Promise<Plan> {
  const scratch = await Scratch.open(factory, options);
  try {
    assertNamed(
      'samples',
      Object.keys(options.samples ?? {}),
      scratch.dataSource.entityMetadatas.map(({ name }) => name),
    );
    const planned: Planned[] = [];
    for (const metadata of scratch.entities) planned.push(...(await planEntity(scratch, metadata, options)));
    // What is to be said of an entity without a row comes before what is wrong with its options.
    const unknown = planned.filter(({ obstacle }) => obstacle).map(({ entity }) => `${entity}: `);
    const skips = Object.keys(options.skip ?? {}).filter((name) => !unknown.some((entity) => name.startsWith(entity)));
    const names = planned.flatMap((item) => [item.entity, nameOf(item)]);
    assertNamed('skip', skips, names);
    const notCaptured = scratch.notCaptured.map(({ table, reason }) => {
      const entity = scratch.dataSource.entityMetadatas.find(({ tablePath }) => tablePath === table)?.name ?? table;
      return { entity, table, reason };
    });
    return { planned, notCaptured };
  } finally {
    await scratch.close();
  }
}

function assertNamed(option: string, given: readonly string[], known: readonly string[]): void {
  const stranger = given.find((name) => !known.includes(name));
  if (stranger === undefined) return;
  const near = known.filter((name) => name.startsWith(stranger.split(':')[0]!)).slice(0, 100);
  throw new ConformanceError(
    `The option ${option} names "${stranger}", which is not there. There are: ${(near.length > 0 ? near : known.filter((name) => !name.includes(': '))).join('; ')}.`,
  );
}

async function planEntity(scratch: Scratch, metadata: EntityMetadata, options: ConformanceOptions): Promise<Planned[]> {
  const entity = metadata.name;
  const skipped = options.skip?.[entity];
  if (skipped !== undefined) return [{ entity, path: 'all', left: { verdict: 'skipped', reason: skipped } }];
  try {
    const paths = await tryOut(scratch, metadata);
    return paths.map(({ name, lacks = scratch.obstacleOf(metadata, name) }) => {
      const reason = options.skip?.[nameOf({ entity, path: name })];
      const item: Planned = { entity, path: name };
      if (lacks !== undefined) item.left = { verdict: 'does not apply', reason: lacks };
      else if (reason !== undefined) item.left = { verdict: 'skipped', reason };
      return item;
    });
  } catch (error) {
    return [{ entity, path: firstOfAll, obstacle: error instanceof Error ? error : new Error(String(error)) }];
  }
}

class Enough extends Error {}

/** Saves a row and takes it back: one clear error for an entity is better than one for each of its paths. */
async function tryOut(scratch: Scratch, metadata: EntityMetadata): Promise<WritePath[]> {
  let paths: WritePath[] = [];
  const attempt = async (): Promise<void> =>
    scratch.dataSource.transaction(async (inside) => {
      const sampler = scratch.sampler.through(inside);
      await sampler.saved(metadata);
      paths = pathsOf(metadata, scratch.hidden, await sampler.givenOf(metadata));
      throw new Enough();
    });
  try {
    await auditContext.run({ actor: 'conformance', reason: 'trying out' }, attempt);
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
  return paths;
}

/** Runs paths; one of an entity after another on the same database, as long as nothing was wrong on it. */
class Session {
  private scratch: Scratch | undefined;
  private entity = '';

  constructor(
    private readonly factory: DataSourceFactory,
    private readonly options: ConformanceOptions,
  ) {}

  async resultOf({ entity, path, left, obstacle }: Planned): Promise<ConformanceResult> {
    const result = { entity, path, trueChanges: '', recorded: '', problems: [] };
    if (left) return { ...result, ...left };
    if (obstacle) return { ...result, verdict: 'failed', problems: [obstacle.message] };
    if (entity !== this.entity) await this.close();
    this.entity = entity;
    this.scratch ??= await Scratch.open(this.factory, this.options);
    try {
      const { failed, problems, trueChanges, recorded } = await this.run(this.scratch, path);
      if (problems.length > 0) await this.close();
      const verdict = failed ? 'failed' : problems.length > 0 ? 'wrong' : 'exact';
      return { ...result, verdict, problems, trueChanges, recorded };
    } catch (error) {
      await this.close();
      const problem = error instanceof Error ? error.message : String(error);
      return { ...result, verdict: 'failed', problems: [`the rows to start from could not be made: ${problem}`] };
    }
  }

  private async run(scratch: Scratch, path: string): Promise<Heard> {
    const { dataSource, sampler, hidden } = scratch;
    const metadata = scratch.entities.find(({ name }) => name === this.entity);
    if (!metadata) throw new ConformanceError(`the factory gave another DataSource this time, without ${this.entity}.`);
    const given = await auditContext.run({ actor: 'conformance', reason: 'samples' }, () => sampler.givenOf(metadata));
    const found = pathsOf(metadata, hidden, given).find(({ name }) => name === path)!;
    return runPath(scratch, found, { dataSource, manager: dataSource.manager, metadata, sampler, hidden });
  }

  async close(): Promise<void> {
    const { scratch } = this;
    this.scratch = undefined;
    await scratch?.close();
  }
}
