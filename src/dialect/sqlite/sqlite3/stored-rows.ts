/**
 * The package reads every INTEGER as a double, and a row as an object. So exact values are asked for in another form: a text
 * with a letter for each storage class, and values under names of their own, an INTEGER that no double holds as text.
 */
export function storedForm(sql: string, columns: number): string {
  const names = Array.from({ length: columns }, (_, index) => `c${index}`);
  const classes = names.map((name) => `substr(typeof(${name}), 1, 1)`).join(' || ');
  const values = names.map(
    (name) =>
      `CASE WHEN typeof(${name}) = 'integer' AND ${name} NOT BETWEEN -${most} AND ${most} THEN CAST(${name} AS TEXT) ELSE ${name} END AS ${name}`,
  );
  return `WITH stored (${names.join(', ')}) AS (${sql})
    SELECT ${classes} AS classes, ${values.join(', ')} FROM stored LIMIT ? OFFSET ?`;
}

const most = Number.MAX_SAFE_INTEGER;

/** @param row of the statement that `storedForm` made */
export function storedRow(row: Record<string, unknown>): unknown[] {
  const classes = row['classes'] as string;
  return Array.from(classes, (storageClass, index) => {
    const value = row[`c${index}`];
    return storageClass === 'i' ? BigInt(value as number | string) : value;
  });
}
