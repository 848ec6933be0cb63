import { existsSync, rmSync } from 'node:fs';
import { checkDatabase } from '../check-database';
import { CheckSteps, messageOf } from '../dialect/check-steps';
import type { AloneDatabase, AloneOptions } from '../dialect/alone-database';
import { type ApplicationTable, applicationTables } from '../dialect/application-tables';
import { openAlone } from '../dialect/open-alone';
import { parseDatabaseUrl } from '../dialect/url';
import type { CheckStep } from '../reports';
import { compareLogs } from './compare-logs';
import { checkTables, type TablesTask } from './check-tables';
import { checkValues } from './check-values';
import type { LogSide } from './log-side';
import { OutboxSide } from './outbox-side';
import { ServerSide } from './server-side';

/** The databases of a switch, open for it alone, with all that was found out about them. */
export interface Preflight {
  /** Step by step; those that failed stand in the way. */
  steps: CheckStep[];
  from: LogSide | undefined;
  to: LogSide | undefined;
  /** The target's file, where it was not there. */
  made: string | undefined;
  /** The application's tables, where they are to move and can. */
  tables: TablesTask | undefined;
}

export interface PreflightOptions {
  /** The target may have more than the source, or something else: that is looked at later. */
  mayGoOn?: boolean;
  /** The entities of the application, whose tables are to be looked at as well. */
  application?: AloneOptions | undefined;
  /** They move too, and are made where the target has none of them and this says so. */
  tables?: { synchronize: boolean } | undefined;
}

const company = 'Stop every program that has it open, the application first of all; nothing may change meanwhile.';
const inMemory = ':memory:';
/** So many entries are named. */
const named = 5;
/** A clock that differs by more makes entries look as if made before others. */
const clockToleranceMs = 2_000;

/**
 * Looks at all that can stand in the way of a switch, and reports all of it at once. Nothing is written.
 * @throws InvalidDatabaseUrlError
 */
export async function preflight(
  fromUrl: string,
  toUrl: string,
  { mayGoOn = false, application, tables: moved }: PreflightOptions = {},
): Promise<Preflight> {
  const steps = new CheckSteps();
  checkUrls(fromUrl, toUrl, steps);
  if (steps.steps.length > 0) {
    return { steps: steps.steps, from: undefined, to: undefined, made: undefined, tables: undefined };
  }
  const target = parseDatabaseUrl(toUrl);
  const made = 'host' in target || existsSync(target.database) ? undefined : target.database;
  const from = await open('from', fromUrl, mayGoOn, steps);
  const tables = moved && application && (await tablesOf(fromUrl, toUrl, application, steps));
  // Without entities TypeORM asks for nothing that one of both databases may not know.
  const to = await open('to', toUrl, mayGoOn, steps, moved?.synchronize ? application : undefined);
  const found: Omit<Preflight, 'steps'> = {
    from: from && logSideOf(from),
    to: to && logSideOf(to),
    made,
    tables: undefined,
  };
  try {
    const mayRead = found.from ? await checkSource(found.from, steps) : false;
    if (found.from && found.to && mayRead) await checkBoth(found.from, found.to, mayGoOn, steps);
    else steps.skip(['log', 'lengths', 'space', 'clock'], 'a database can not be read');
    if (moved && tables && found.from && found.to && mayRead) {
      found.tables = await checkTables(found.from, found.to, tables, moved.synchronize, steps);
    }
    if (application && from) await checkValues(from, toUrl, found, application, steps);
  } catch (error) {
    await close(found);
    throw error;
  }
  return { steps: steps.steps, ...found };
}

/** A file that opening has made, and nothing has come into, is taken away again. */
export async function close({ from, to, made }: Pick<Preflight, 'from' | 'to' | 'made'>): Promise<void> {
  await from?.close();
  const isUnused = made !== undefined && to !== undefined && !(await to.hasLog());
  await to?.close();
  if (isUnused) rmSync(made);
}

function checkUrls(fromUrl: string, toUrl: string, steps: CheckSteps): void {
  const [from, to] = [parseDatabaseUrl(fromUrl), parseDatabaseUrl(toUrl)];
  for (const [side, url] of [['from', from] as const, ['to', to] as const]) {
    if (url.database !== inMemory) continue;
    steps.fail(side, 'A database in memory exists only inside the program that made it.', 'Name a file or a server.');
  }
  const place = (url: typeof from) => ('host' in url ? `${url.host}:${url.port}/${url.database}` : url.database);
  if (place(from) === place(to)) steps.fail('to', 'Both are the same database.', 'Name another target.');
}

async function tablesOf(
  fromUrl: string,
  toUrl: string,
  application: AloneOptions,
  steps: CheckSteps,
): Promise<ApplicationTable[] | undefined> {
  try {
    return await applicationTables(fromUrl, toUrl, application);
  } catch (error) {
    steps.fail('entities', messageOf(error), portableEntities);
    return undefined;
  }
}

const portableEntities = 'Declare the entities so that both databases know their types.';

function logSideOf(database: AloneDatabase): LogSide {
  return database.kind === 'outbox' ? new OutboxSide(database) : new ServerSide(database);
}

/** Runs the checks of `audit-trail check`, then opens the database; undefined where that can't be. */
async function open(
  side: 'from' | 'to',
  url: string,
  mayHaveCompany: boolean,
  steps: CheckSteps,
  application: AloneOptions = {},
): Promise<AloneDatabase | undefined> {
  const { steps: found } = await checkDatabase(url);
  const target = parseDatabaseUrl(url);
  const isToBeMade = side === 'to' && !('host' in target) && !existsSync(target.database);
  const failures = found.filter(({ name, status }) => status === 'failed' && !(isToBeMade && name === 'file'));
  for (const step of found) {
    const made = { ...step, status: 'ok' as const, detail: `${target.database} will be created`, remedy: null };
    const shown = isToBeMade && step.name === 'file' ? made : step;
    steps.steps.push({ ...shown, name: `${side} ${step.name}` });
  }
  if (failures.length > 0) return undefined;
  try {
    const database = await openAlone(url, application);
    const { others, doubts } = database.company;
    if (mayHaveCompany) steps.ok(`${side} alone`, others.length > 0 ? others.join('; ') : 'nobody else has it open');
    else if (others.length > 0) steps.fail(`${side} alone`, `${others.join('; ')}.`, company);
    else if (doubts.length > 0) steps.warn(`${side} alone`, `${doubts.join('; ')}.`, 'See to it that nobody is.');
    else steps.ok(`${side} alone`, 'nobody else has it open');
    return database;
  } catch (error) {
    steps.fail(`${side} alone`, messageOf(error), 'Make it possible to open the database, then check again.');
    return undefined;
  }
}

/** @returns whether there is a log that can be read */
async function checkSource(from: LogSide, steps: CheckSteps): Promise<boolean> {
  if (!(await from.hasLog())) {
    steps.fail(
      'from log',
      'There are no audit tables.',
      'Name a database that has a trail, or none of this is needed.',
    );
    return false;
  }
  try {
    await from.reader().next(0, { entries: 1, bytes: 0 });
    const { entries } = await from.extent();
    const { rows, quarantined } = await from.pending();
    const waiting = rows > 0 ? `, and ${rows.toLocaleString('en-US')} rows in the outbox` : '';
    const detail = `${entries.toLocaleString('en-US')} entries${waiting}`;
    if (quarantined === 0) steps.ok('from log', detail);
    else
      steps.warn(
        'from log',
        `${detail}; ${quarantined} records in audit_quarantine stay behind.`,
        'See audit-trail doctor.',
      );
    return true;
  } catch (error) {
    steps.fail('from log', messageOf(error), 'Bring its audit tables up to date with audit-trail migrate.');
    return false;
  }
}

async function checkBoth(from: LogSide, to: LogSide, mayGoOn: boolean, steps: CheckSteps): Promise<void> {
  if (!mayGoOn) await checkTarget(from, to, steps);
  const ids = await from.tooLong(to.textLimits);
  if (ids.length === 0) steps.ok('lengths', 'all texts of the log fit');
  else {
    const some = ids.slice(0, named).join(', ');
    const more = ids.length > named ? ` and ${ids.length - named} more` : '';
    steps.fail(
      'lengths',
      `Entries with a key or a name that is too long for the target: ${some}${more}.`,
      'Such rows can not be recorded there either: keep to a database without this limit, or shorten the key.',
    );
  }
  await checkSpace(from, to, steps);
  const ahead = (await to.now()) - (await from.now());
  if (Math.abs(ahead) <= clockToleranceMs) steps.ok('clock', 'both clocks agree');
  else {
    steps.warn(
      'clock',
      `The clock of the target is ${(ahead / 1000).toFixed(1)} s ahead of that of the source.`,
      'Let both follow a time server: entries are ordered by their number, but shown with their time.',
    );
  }
}

const used = 'Name a target that is empty, or that has nothing but what it got from this source.';

async function checkTarget(from: LogSide, to: LogSide, steps: CheckSteps): Promise<void> {
  if (!(await to.hasLog())) return steps.ok('to log', 'none yet: the audit tables will be created');
  const { entries } = await to.extent();
  const note = (await to.notes(noteOf(await from.logId()))).values().next().value;
  if (note !== undefined) return steps.ok('to log', `an earlier run goes on here, behind ${entries} entries`);
  if (entries === 0) return steps.ok('to log', 'empty');
  const { difference, onlyTo } = await compareLogs(from, to);
  if (difference !== null) steps.fail('to log', `${difference}.`, used);
  else if (onlyTo > 0) steps.fail('to log', `It has ${onlyTo} entries that the source does not have.`, used);
  else steps.ok('to log', `the first ${entries.toLocaleString('en-US')} entries of the source, the same there`);
}

/** Name of the note in the target that tells how far a switch has come. */
export function noteOf(logId: string): string {
  return `switch:${logId}`;
}

async function checkSpace(from: LogSide, to: LogSide, steps: CheckSteps): Promise<void> {
  const [{ used: size }, { free }] = [await from.space(), await to.space()];
  if (size === undefined || free === undefined)
    return steps.skip(['space'], 'the databases do not say how much there is');
  const text = `${mb(size)} in the source, ${mb(free)} free for the target`;
  // Wide characters and other indexes can take twice the room.
  if (free > 2 * size) steps.ok('space', text);
  else if (free > size) steps.warn('space', `${text}.`, 'It may be too little: the same can take twice as much there.');
  else steps.fail('space', `${text}.`, 'Make room where the target is.');
}

function mb(bytes: number): string {
  return `${Math.ceil(bytes / 1_000_000).toLocaleString('en-US')} MB`;
}
