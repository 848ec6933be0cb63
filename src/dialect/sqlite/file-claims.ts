import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DriverConflictError } from '../../errors';

/** Of a file that is open under capture: through which package, and how many times. */
interface Claim {
  packageName: string;
  connections: number;
}

/** On the global object, because an application may have this library twice. */
const place = Symbol.for('typeorm-audit-trail.open-files');

/**
 * Notes that a file is opened through a package. Each package brings a SQLite of its own, and two of them on one file in one
 * process drop each other's locks: the operating system lets go of all of a process's locks when either closes the file.
 * @returns to be called when it is closed
 * @throws DriverConflictError where the file is open through another package
 */
export function claimFile(database: string, packageName: string): () => void {
  if (database === '' || database === ':memory:') return () => undefined;
  const claims = ((globalThis as Record<symbol, unknown>)[place] ??= new Map()) as Map<string, Claim>;
  const file = realPath(database);
  const claim = claims.get(file) ?? { packageName, connections: 0 };
  if (claim.packageName !== packageName) {
    throw new DriverConflictError(
      `${file} is open in this process through ${claim.packageName}, and can't be opened through ${packageName} beside it: ` +
        "two builds of SQLite in one process drop each other's locks.",
      { value: packageName },
    );
  }
  claim.connections += 1;
  claims.set(file, claim);
  let isClosed = false;
  return () => {
    if (isClosed) return;
    isClosed = true;
    claim.connections -= 1;
    if (claim.connections === 0) claims.delete(file);
  };
}

/** The file may not be there yet, nor its folder. */
function realPath(database: string): string {
  const path = resolve(database);
  try {
    return realpathSync(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(realPath(folder), basename(path));
  }
}
