import { realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type DataSource, InstanceChecker } from 'typeorm';
import { CliError, codeOf, messageOf } from './cli-error';

const packageName = 'typeorm-audit-trail';
const exportRemedy = 'Export the DataSource as default: module.exports = dataSource, or export default dataSource.';

/** What Node says of TypeScript that it cannot run; a SyntaxError where it strips types and meets a decorator. */
const typeScriptRefusals = [
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_INVALID_TYPESCRIPT_SYNTAX',
];

/**
 * The DataSource that a module exports: as default or under any other name, itself, as a promise of it, or as a function
 * without arguments that gives one of these.
 * @throws CliError naming the file and what is wrong with it
 */
export async function loadDataSource(path: string): Promise<DataSource> {
  const file = resolve(path);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) {
    throw new CliError(
      'AUDIT_CLI_DATA_SOURCE_NOT_FOUND',
      `"${path}" is no file.`,
      'Name the module with its extension, relative to the current folder.',
    );
  }
  refuseOtherCopy(file, path);
  const candidates = candidatesOf(exportsOf(await loadModule(file, path)));
  try {
    const found = new Map<DataSource, string>();
    for (const [name, candidate] of candidates) {
      const value: unknown = await candidate();
      if (isDataSource(value)) found.set(value, name);
    }
    return theOne(found, path);
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw loadingFailed(path, error);
  }
}

function theOne(found: ReadonlyMap<DataSource, string>, path: string): DataSource {
  const [first] = found.keys();
  if (first === undefined) {
    throw new CliError('AUDIT_CLI_DATA_SOURCE_EXPORT', `${path} exports no TypeORM DataSource.`, exportRemedy);
  }
  const byDefault = [...found].find(([, name]) => name === 'default')?.[0];
  if (found.size > 1 && byDefault === undefined) {
    const names = [...found.values()].join(', ');
    throw new CliError('AUDIT_CLI_DATA_SOURCE_EXPORT', `${path} exports several DataSources: ${names}.`, exportRemedy);
  }
  return byDefault ?? first;
}

async function loadModule(file: string, path: string): Promise<unknown> {
  const isTypeScript = /\.[cm]?tsx?$/.test(file);
  try {
    const load = createRequire(file);
    // ts-node hooks into require, and only there; what import() does then depends on Node's version.

    if (isTypeScript && '.ts' in load.extensions) return load(file);
    return await import(pathToFileURL(file).href);
  } catch (error) {
    const isRefused = typeScriptRefusals.includes(codeOf(error) ?? '') || error instanceof SyntaxError;
    if (!isTypeScript || !isRefused) throw loadingFailed(path, error);
    throw new CliError(
      'AUDIT_CLI_TYPESCRIPT',
      `${path} is TypeScript that Node does not run by itself.`,
      'Compile it first and name the JavaScript file, or run this command through ts-node or tsx; docs/cli.md says how.',
      error,
    );
  }
}

/** A CommonJS module comes as one default export; what it exports are the names on that. */
function exportsOf(module: unknown): Record<string, unknown> {
  const names = { ...(module as Record<string, unknown>) };
  const inner = names['default'];
  const isObjectOfExports = typeof inner === 'object' && inner !== null && !isDataSource(inner) && !isPromise(inner);
  if (!isObjectOfExports) return names;
  delete names['default'];
  return { ...names, ...inner };
}

/** Functions are called only where there is nothing else: others than the default may do anything. */
function candidatesOf(exports: Record<string, unknown>): [name: string, candidate: () => unknown][] {
  const values = Object.entries(exports).filter(([, value]) => isDataSource(value) || isPromise(value));
  if (values.length > 0) return values.map(([name, value]) => [name, () => value]);
  const functions = Object.entries(exports).filter(([, value]) => isPlainFunction(value)) as [string, () => unknown][];
  const byDefault = functions.find(([name]) => name === 'default');
  if (byDefault) return [byDefault];
  return functions.length === 1 ? functions : [];
}

function isDataSource(value: unknown): value is DataSource {
  // By a mark: the application's TypeORM may be another copy than ours.
  return InstanceChecker.isDataSource(value);
}

function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value;
}

function isPlainFunction(value: unknown): boolean {
  return typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value));
}

/** Two copies of the library would both put their hands on one DataSource, and migrate it to two versions. */
function refuseOtherCopy(file: string, path: string): void {
  const other = resolvedFrom(file);
  const own = resolvedFrom(__filename);
  if (other === undefined || other === own) return;
  throw new CliError(
    'AUDIT_CLI_OTHER_COPY',
    `${path} belongs to a project with a copy of ${packageName} of its own, and this command is another copy.`,
    'Run the command of the project: npx audit-trail, in its folder.',
  );
}

function resolvedFrom(file: string): string | undefined {
  try {
    return realpathSync(createRequire(file).resolve(packageName));
  } catch {
    return undefined;
  }
}

function loadingFailed(path: string, error: unknown): CliError {
  return new CliError(
    'AUDIT_CLI_DATA_SOURCE_FAILED',
    `${path} could not be loaded: ${messageOf(error)}`,
    'Mend the module: it is loaded as Node loads it; DEBUG=audit-trail shows the stack.',
    error,
  );
}
