import { ConfigError } from '../config-error';
import { roles, type Role } from './roles';

export interface ApiKey {
  /** Who uses it: the actor in the audit trail. */
  name: string;
  key: string;
  role: Role;
}

/** For trying things out. Everybody can read them here, so they open nothing but a server that only this machine sees. */
export const demoKeys: readonly ApiKey[] = roles.map((role) => ({ name: role, key: `${role}-demo-key`, role }));

const format = 'name:key:role, separated by commas, for instance API_KEYS=alice:0123456789abcdef:reviewer';
const nameFormat = /^[\w.@-]{1,100}$/;
/** What RFC 6750 allows in a bearer token, section 2.1. */
const keyFormat = /^[A-Za-z0-9._~+/-]{16,200}=*$/;

/**
 * Reads `API_KEYS`. No message contains a key: messages end up in logs.
 *
 * @throws ConfigError
 */
export function parseApiKeys(text: string): ApiKey[] {
  const keys = text.split(',').map((item, index) => parseItem(item.trim(), index + 1));
  checkUnique(
    keys.map(({ name }) => name),
    'name',
  );
  checkUnique(
    keys.map(({ key }) => key),
    'key',
  );
  return keys;
}

function parseItem(item: string, position: number): ApiKey {
  const [name = '', key = '', role = '', ...rest] = item.split(':');
  const refuse = (problem: string): never => {
    throw new ConfigError(
      `Item ${position} of API_KEYS ${problem}.`,
      `Write ${format}; roles are ${roles.join(', ')}.`,
    );
  };
  if (rest.length > 0 || role === '') refuse('does not have three parts');
  if (!nameFormat.test(name))
    refuse('has a name that is empty, too long or has other characters than letters, digits, . _ @ -');
  if (!keyFormat.test(key))
    refuse('has a key that is shorter than 16 characters or has characters a bearer token cannot have');
  if (demoKeys.some((demo) => demo.key === key)) refuse('is one of the demo keys, which are public');
  return { name, key, role: roles.find((known) => known === role) ?? refuse('has an unknown role') };
}

function checkUnique(values: string[], what: string): void {
  if (new Set(values).size < values.length) {
    throw new ConfigError(
      `Two items of API_KEYS have the same ${what}.`,
      'Give every user a name and a key of their own.',
    );
  }
}
