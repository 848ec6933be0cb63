export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Of the given tables those whose name is in a statement, however it is quoted there. */
export function namedTables(sql: string, tables: readonly string[]): string[] {
  const text = withoutQuotes(sql);
  return tables.filter((table) => text.includes(withoutQuotes(table)));
}

function withoutQuotes(text: string): string {
  return text.replace(/["'`[\]]/g, '').toLowerCase();
}
