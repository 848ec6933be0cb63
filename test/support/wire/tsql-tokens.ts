/** A piece of T-SQL, without blanks and comments. */
export interface Token {
  kind: 'word' | 'name' | 'string' | 'variable' | 'other';
  /** Words in upper case; names and strings without their quotes. */
  text: string;
  /** A word as it is written, otherwise the same as `text`. */
  written: string;
  /** A string with N in front, of two bytes a character. */
  national: boolean;
}

const patterns: readonly (readonly [Token['kind'] | undefined, RegExp])[] = [
  [undefined, /\s+|--[^\n]*/y],
  ['string', /N?'(?:[^']|'')*'/iy],
  ['name', /\[(?:[^\]]|\]\])*\]|"(?:[^"]|"")*"/y],
  ['variable', /@@?[\w@$#]+/y],
  ['word', /[\p{L}_#][\p{L}\p{N}_@$#]*/uy],
  ['other', /\d[\w.]*|[\s\S]/y],
];

/** Enough of T-SQL's lexical rules to tell its words from what stands in strings, names and comments. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length;) {
    if (sql.startsWith('/*', at)) {
      at = endOfComment(sql, at);
      continue;
    }
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = at;
      const text = pattern.exec(sql)?.[0];
      if (text === undefined) continue;
      at += text.length;
      if (kind) tokens.push(tokenOf(kind, text));
      break;
    }
  }
  return tokens;
}

/** Comments of T-SQL nest. */
function endOfComment(sql: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sql.length;) {
    const two = sql.slice(at, at + 2);
    if (two === '/*') depth += 1;
    if (two === '*/') depth -= 1;
    at += two === '/*' || two === '*/' ? 2 : 1;
    if (depth === 0) return at;
  }
  return sql.length;
}

function tokenOf(kind: Token['kind'], written: string): Token {
  if (kind === 'word') return { kind, text: written.toUpperCase(), written, national: false };
  const text = kind === 'string' || kind === 'name' ? unquote(written) : written;
  return { kind, text, written: text, national: kind === 'string' && /^n/i.test(written) };
}

function unquote(written: string): string {
  const quote = written.at(-1) ?? '';
  return written
    .replace(/^N?./is, '')
    .slice(0, -1)
    .replaceAll(quote + quote, quote);
}
