export function quoteName(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}

/** A path such as `sales.orders`, each part quoted. */
export function quotePath(path: string): string {
  return path.split('.').map(quoteName).join('.');
}

/** A path that names no schema is in this one. */
export function pathIn(schema: string, path: string): string {
  return quotePath(path.includes('.') ? path : `${schema}.${path}`);
}

export function quoteText(text: string): string {
  return `N'${text.replaceAll("'", "''")}'`;
}
