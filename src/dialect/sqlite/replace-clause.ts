/** The statement without comments, so that words on both sides of one are found side by side. */
export function withoutComments(sql: string): string {
  return sql.replace(/'(?:[^']|'')*'|--[^\n]*|\/\*[\s\S]*?\*\//g, (token) => (token.startsWith("'") ? token : ' '));
}

/** True where the conflict clause REPLACE is used; the function replace() and a column of that name are something else. */
export function hasReplaceClause(sql: string): boolean {
  if (!/REPLACE/i.test(sql)) return false;
  const words = withoutComments(sql).replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]/g, ' ? ');
  return /\b(?:INSERT|UPDATE)\s+OR\s+REPLACE\b|\bREPLACE\s+INTO\b/i.test(words);
}
