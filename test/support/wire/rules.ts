import { batchesOf, changesOf } from './statements';
import type { Token } from './tsql-tokens';

/** A parameter of a remote procedure call. */
export interface WireParameter {
  name: string;
  /** Name of its TDS type, such as NVarChar. */
  type: string;
  value: unknown;
}

/** One message to the server, which answers before it takes the next of the connection: a round trip. */
export interface WireMessage {
  kind: 'batch' | 'rpc' | 'bulk' | 'transaction';
  database: string;
  /** The batch, or what `sp_executesql` and `sp_prepare` are given; empty for others. */
  sql: string;
  /** Of a remote procedure call. */
  procedure: string;
  /** Of a remote procedure call: all that the server counts, the statement itself included. */
  parameters: readonly WireParameter[];
}

/** Most parameters of a remote procedure call; the two of `sp_executesql` itself count. Error 8003 beyond. */
const mostParameters = 2_100;
/** Most rows in the VALUES of an INSERT. Error 10738 beyond. */
const mostRows = 1_000;
/** A value of SESSION_CONTEXT is a sql_variant. */
const mostContextBytes = 8_000;

/**
 * What SQL Server would refuse of a message, one sentence each; a server of another make may take it.
 * @param hasTrigger whether a table has triggers, by the parts of its name as the statement has them
 */
export function violationsOf(message: WireMessage, hasTrigger: (name: readonly string[]) => boolean): string[] {
  const { sql, parameters } = message;
  const found: string[] = [];
  if (parameters.length > mostParameters) {
    found.push(`${parameters.length} parameters, ${mostParameters} at most (error 8003)`);
  }
  const own = contextValueOf(message);
  if (own > mostContextBytes) found.push(tooLong(own));
  for (const tokens of batchesOf(sql)) {
    for (const { verb, target, outputs, rows } of changesOf(tokens)) {
      const name = target.join('.');
      if (outputs && hasTrigger(target)) {
        found.push(`${verb} with OUTPUT without INTO on ${name}, which has triggers (error 334)`);
      }
      if (rows > mostRows) found.push(`${rows} rows in VALUES for ${name}, ${mostRows} at most (error 10738)`);
    }
    found.push(
      ...contextSizes(tokens, parameters)
        .filter((bytes) => bytes > mostContextBytes)
        .map(tooLong),
    );
    found.push(...notFirst(tokens));
  }
  return found;
}

function tooLong(bytes: number): string {
  return `a session context value of ${bytes} bytes, ${mostContextBytes} at most`;
}

const modules = new Set(['TRIGGER', 'PROCEDURE', 'PROC', 'VIEW', 'FUNCTION', 'SCHEMA']);

/** CREATE of a module anywhere but at the start of its batch. */
function notFirst(tokens: readonly Token[]): string[] {
  return tokens.flatMap(({ kind, text }, index) => {
    if (index === 0 || kind !== 'word' || text !== 'CREATE') return [];
    const what = tokens[tokens[index + 1]?.text === 'OR' ? index + 3 : index + 1];
    if (what?.kind !== 'word' || !modules.has(what.text)) return [];
    return [`CREATE ${what.text} is not the first statement of its batch (error 111)`];
  });
}

/** Bytes of the value when the call itself is `sp_set_session_context`, 0 for any other. */
function contextValueOf({ procedure, parameters }: WireMessage): number {
  if (!/(^|\.)\[?sp_set_session_context\]?$/i.test(procedure)) return 0;
  const value = parameters.find(({ name }) => /^@?value$/i.test(name)) ?? parameters[1];
  return value ? bytesOf(value) : 0;
}

/** Bytes of each value that a batch puts into SESSION_CONTEXT, where they can be told from the message. */
function contextSizes(tokens: readonly Token[], parameters: readonly WireParameter[]): number[] {
  return tokens.flatMap(({ text }, index) =>
    text.toUpperCase() === 'SP_SET_SESSION_CONTEXT' ? [valueBytes(tokens, index + 1, parameters)] : [],
  );
}

/** `N'key', value` or `@key = N'key', @value = value`. */
function valueBytes(tokens: readonly Token[], from: number, parameters: readonly WireParameter[]): number {
  const comma = tokens.findIndex(({ text }, index) => index >= from && text === ',');
  if (comma < 0) return 0;
  const isNamed = tokens[comma + 2]?.text === '=';
  const value = tokens[comma + (isNamed ? 3 : 1)];
  if (value?.kind === 'string') return value.national ? value.text.length * 2 : Buffer.byteLength(value.text);
  const parameter = parameters.find(({ name }) => `@${name}` === value?.text);
  return parameter ? bytesOf(parameter) : 0;
}

function bytesOf({ type, value }: WireParameter): number {
  if (Buffer.isBuffer(value)) return value.length;
  if (typeof value !== 'string') return 0;
  return /^N/i.test(type) ? value.length * 2 : Buffer.byteLength(value);
}
