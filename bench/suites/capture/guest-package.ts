import { createRequire } from 'node:module';

export const guestPackage = 'typeorm-auditing';

/** What 0.5.6 says on SQLite as it is published, whatever the option that it has for it: its key is a bigint. */
export const keyFault = 'AUTOINCREMENT is only allowed on an INTEGER PRIMARY KEY';

const requireHere = createRequire(__filename);

export function isInstalled(name: string): boolean {
  try {
    requireHere.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** Not a dependency of anything here, so that nothing but `npm run bench:compat` installs it. */
export function load<T>(name: string): T {
  return requireHere(name) as T;
}
