import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { UnsupportedDatabaseError } from '../../errors';

/** The packages that open a database file, the one that is taken first where both are installed first. */
export type FilePackage = 'better-sqlite3' | 'sqlite3';

/** TypeORM's type of a DataSource over a package; 1.x does not know the second one. */
export function typeOver(name: FilePackage): 'better-sqlite3' {
  return (name === 'sqlite3' ? 'sqlite' : name) as 'better-sqlite3';
}

/**
 * The package that is named, or the one that is installed.
 * @throws UnsupportedDatabaseError for one that this TypeORM has no driver for
 */
export function choosePackage(named: FilePackage | undefined): FilePackage {
  if (named === 'sqlite3' && !isDriven()) {
    throw new UnsupportedDatabaseError(
      'TypeORM 1.x has no driver for the package sqlite3; 0.3.30 has. The file needs no change for better-sqlite3: install that.',
      { value: named },
    );
  }
  if (named) return named;
  return !isInstalled('better-sqlite3') && isInstalled('sqlite3') && isDriven() ? 'sqlite3' : 'better-sqlite3';
}

function isDriven(): boolean {
  return resolves(__filename, 'typeorm/driver/sqlite/SqliteDriver.js');
}

/** Where TypeORM looks for it: beside itself, then in the current folder. */
function isInstalled(name: FilePackage): boolean {
  const typeorm = createRequire(__filename).resolve('typeorm');
  return resolves(typeorm, name) || resolves(__filename, resolve('node_modules', name));
}

function resolves(from: string, name: string): boolean {
  try {
    createRequire(from).resolve(name);
    return true;
  } catch {
    return false;
  }
}
