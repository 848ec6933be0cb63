export function quoteName(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}

/** A path such as `sales.orders`, each part quoted. */
export function quotePath(path: string): string {
  return path.split('.').map(quoteName).join('.');
}

export function quoteText(text: string): string {
  return `N'${text.replaceAll("'", "''")}'`;
}
