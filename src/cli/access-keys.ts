import { CliError } from './cli-error';

/** A key to the served trail. */
export interface AccessKey {
  name: string;
  key: string;
  /** May flush as well as read. */
  mayFlush: boolean;
}

const nameFormat = /^[\w.@-]{1,100}$/;
/** What RFC 6750 section 2.1 allows in a bearer token; long enough that guessing is hopeless. */
const keyFormat = /^[A-Za-z0-9._~+/-]{16,200}=*$/;

/**
 * Reads `NAME:KEY` and `NAME:KEY:flush`, from the options or else from `AUDIT_KEYS`, where commas separate them.
 * No message repeats a key: messages end up in logs.
 * @throws CliError
 */
export function readAccessKeys(options: readonly string[], environment: string | undefined): AccessKey[] {
  const isGiven = options.length > 0;
  const items = isGiven ? options : splitList(environment ?? '');
  const origin = isGiven ? '--key' : 'AUDIT_KEYS';
  const keys = items.map((item, index) => readItem(item.trim(), `Key ${index + 1} of ${origin}`));
  refuseDuplicates(
    keys.map(({ name }) => name),
    `Two keys of ${origin} have the same name.`,
  );
  refuseDuplicates(
    keys.map(({ key }) => key),
    `Two names of ${origin} have the same key.`,
  );
  return keys;
}

function splitList(text: string): string[] {
  return text.trim() === '' ? [] : text.split(',');
}

function readItem(item: string, what: string): AccessKey {
  const [name = '', key = '', right, ...rest] = item.split(':');
  if (!nameFormat.test(name)) throw invalid(`${what} needs a name of letters, digits and . _ @ - in front of a colon.`);
  if (!keyFormat.test(key)) {
    throw invalid(`${what} is shorter than 16 characters, or has characters that a bearer token cannot have.`);
  }
  if (rest.length > 0 || (right !== undefined && right !== 'flush')) {
    throw invalid(`${what} ends in something else than a key or ":flush".`);
  }
  return { name, key, mayFlush: right === 'flush' };
}

function refuseDuplicates(values: readonly string[], message: string): void {
  if (new Set(values).size < values.length) throw invalid(message);
}

function invalid(message: string): CliError {
  return new CliError(
    'AUDIT_CLI_INVALID_KEY',
    message,
    'Write NAME:KEY or NAME:KEY:flush; openssl rand -hex 24 makes a good key.',
  );
}
