import type { EntityMetadata } from 'typeorm';

/** A row that the suite can't make by itself. The message says of which entity, why, and which option helps. */
export class SampleError extends Error {
  override readonly name = 'SampleError';

  constructor(
    readonly entity: string,
    /** Property path, where one is to blame. */
    readonly column: string | undefined,
    problem: string,
    options?: ErrorOptions,
  ) {
    const property = column === undefined ? '…' : `${JSON.stringify(column.split('.')[0])}: …`;
    super(
      `${problem} Say what a row looks like: { samples: { ${JSON.stringify(entity)}: ({ serial }) => ({ ${property} }) } }; or leave it out: { skip: { ${JSON.stringify(entity)}: 'why' } }.`,
      options,
    );
  }
}

/** Puts the blame for a row that the database refused where the message, or a @Check of the entity, lets it be put. */
export function refused(metadata: EntityMetadata, cause: unknown): SampleError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const named = metadata.columns.filter(({ databaseName, propertyPath }) =>
    [databaseName, propertyPath].some((name) => mentions(message, name)),
  );
  const checks = metadata.checks.filter(({ name }) => name !== undefined && message.includes(name));
  const checked = metadata.columns.filter((column) => checks.some(({ expression }) => concerns(expression, column)));
  const column = (checked.length > 0 ? checked : named)[0]?.propertyPath;
  const rule = checks.map(({ expression }) => ` (CHECK ${expression})`).join('');
  const blamed = column === undefined ? '' : ` because of column ${column}`;
  return new SampleError(
    metadata.name,
    column,
    `The database refused a generated row of ${metadata.name}${blamed}: ${message}${rule}.`,
    { cause },
  );
}

export function concerns(expression: string, column: { databaseName: string; propertyName: string }): boolean {
  return mentions(expression, column.databaseName) || mentions(expression, column.propertyName);
}

function mentions(text: string, name: string): boolean {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}_$]+/u)
    .includes(name.toLowerCase());
}
