import { type Token, tokensOf } from './tsql-tokens';

/** An INSERT, UPDATE, DELETE or MERGE of a batch, as far as the rules ask. */
export interface Change {
  verb: string;
  /** Parts of the target's name, an alias resolved; a table variable as it is. */
  target: string[];
  /** It has an OUTPUT clause that answers the client. */
  outputs: boolean;
  /** Rows of its VALUES, 0 without. */
  rows: number;
}

const verbs = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);
/** What stands before these words where they begin no statement: trigger heads, foreign keys, branches of MERGE, rights. */
const notBegun = new Set(['AFTER', 'FOR', 'OF', 'ON', 'THEN', ',', 'GRANT', 'DENY', 'REVOKE']);
/** What ends the list of an OUTPUT clause that has no INTO. */
const afterOutput = new Set(
  'VALUES SELECT DEFAULT FROM WHERE EXEC EXECUTE OPTION OUTPUT INSERT UPDATE DELETE MERGE SET DECLARE IF RETURN WITH ;'.split(
    ' ',
  ),
);

/** The batch itself, and what it hands to EXEC and sp_executesql as text: each is a batch of its own for the server. */
export function batchesOf(sql: string): Token[][] {
  const tokens = tokensOf(sql);
  const nested = tokens.filter(({ kind }, index) => kind === 'string' && isExecuted(tokens, index));
  return [tokens, ...nested.flatMap(({ text }) => batchesOf(text))];
}

function isExecuted(tokens: readonly Token[], index: number): boolean {
  const before = tokens.slice(Math.max(0, index - 4), index).map(({ text }) => text);
  if (before.at(-1) === 'SP_EXECUTESQL' || /^@stmt$/i.test(before.at(-2) ?? '')) return true;
  return before.at(-1) === '(' && (before.at(-2) === 'EXEC' || before.at(-2) === 'EXECUTE');
}

export function changesOf(tokens: readonly Token[]): Change[] {
  const changes: Change[] = [];
  let current: Change | undefined;
  tokens.forEach(({ kind, text }, index) => {
    const previous = tokens[index - 1]?.text ?? '';
    if (kind === 'other' && text === ';') current = undefined;
    if (kind !== 'word') return;
    if (verbs.has(text) && !notBegun.has(previous) && tokens[index + 1]?.text !== '(') {
      current = { verb: text, target: targetOf(tokens, index), outputs: false, rows: 0 };
      changes.push(current);
    } else if (text === 'EXEC' || text === 'EXECUTE') {
      current = undefined;
    } else if (current && text === 'OUTPUT') {
      current.outputs ||= !hasInto(tokens, index + 1);
    } else if (current?.verb === 'INSERT' && text === 'VALUES' && previous !== '(') {
      // As a derived table, in parentheses, VALUES may have any number of rows.
      current.rows = rowsAt(tokens, index + 1);
    }
  });
  return changes;
}

/** Parts of the name that begins at `index`, and where it ends; `db..table` has an empty part. */
export function nameAt(tokens: readonly Token[], index: number): { parts: string[]; end: number } {
  const parts = [tokens[index]?.written ?? ''];
  let end = index + 1;
  while (tokens[end]?.text === '.') {
    const isEmpty = tokens[end + 1]?.text === '.';
    parts.push(isEmpty ? '' : (tokens[end + 1]?.written ?? ''));
    end += isEmpty ? 1 : 2;
  }
  return { parts, end };
}

function targetOf(tokens: readonly Token[], verb: number): string[] {
  let at = verb + 1;
  if (tokens[at]?.text === 'TOP') at = tokens[at + 1]?.text === '(' ? closing(tokens, at + 1) + 1 : at + 2;
  if (tokens[at]?.text === 'PERCENT') at += 1;
  if (tokens[at]?.kind === 'word' && /^(INTO|FROM)$/.test(tokens[at]?.text ?? '')) at += 1;
  const { parts } = nameAt(tokens, at);
  return parts.length === 1 ? (aliased(tokens, at, parts[0] ?? '') ?? parts) : parts;
}

/** The table whose alias a name is, `FROM table AS alias`, undefined for a name that is no alias. */
function aliased(tokens: readonly Token[], from: number, alias: string): string[] | undefined {
  for (let at = from; at < tokens.length && tokens[at]?.text !== ';'; at += 1) {
    if (tokens[at]?.text !== 'FROM' && tokens[at]?.text !== 'JOIN') continue;
    const { parts, end } = nameAt(tokens, at + 1);
    const name = tokens[end]?.text === 'AS' ? tokens[end + 1] : tokens[end];
    if (name?.text.toUpperCase() === alias.toUpperCase()) return parts;
  }
  return undefined;
}

function hasInto(tokens: readonly Token[], from: number): boolean {
  for (let at = from; at < tokens.length; at += 1) {
    const { kind, text } = tokens[at]!;
    if (text === '(' && kind === 'other') at = closing(tokens, at);
    else if (kind === 'word' && text === 'INTO') return true;
    else if ((kind === 'word' || text === ';') && afterOutput.has(text)) return false;
  }
  return false;
}

function rowsAt(tokens: readonly Token[], from: number): number {
  let rows = 0;
  for (let at = from; tokens[at]?.text === '('; at += 1) {
    rows += 1;
    at = closing(tokens, at) + 1;
    if (tokens[at]?.text !== ',') break;
  }
  return rows;
}

/** Index of the parenthesis that closes the one at `from`. */
function closing(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at += 1) {
    if (tokens[at]?.kind !== 'other') continue;
    if (tokens[at]?.text === '(') depth += 1;
    if (tokens[at]?.text === ')' && (depth -= 1) === 0) return at;
  }
  return tokens.length;
}
