/**
 * TypeORM's SQLite drivers write integers into the SQL of query builders, so that `update({ id: 1 })` and
 * `update({ id: 2 })` are two statements and each is compiled anew, triggers and all: most of the cost of a captured
 * update. Here integers of writing statements are parameters. They are bound as INTEGER, which is what the literal was.
 */
export class BoundInteger {
  constructor(private readonly value: number) {}

  /** What to bind: a number would be bound as REAL. */
  toBinding(): bigint {
    return BigInt(this.value);
  }

  /** For loggers and error reports. */
  toJSON(): number {
    return this.value;
  }

  toString(): string {
    return this.value.toString();
  }
}

/** The method of TypeORM's driver that writes parameters into SQL. */
export interface ParameterSeam {
  escapeQueryWithParameters(sql: string, parameters: Record<string, unknown>): [string, unknown[]];
}

const writes = /^\s*(?:UPDATE|DELETE|INSERT)\b/i;

export function bindIntegers(driver: ParameterSeam): void {
  const original = driver.escapeQueryWithParameters.bind(driver);
  driver.escapeQueryWithParameters = (sql, parameters) => {
    if (!writes.test(sql)) return original(sql, parameters);
    const bound: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(parameters)) {
      bound[name] = Number.isSafeInteger(value) && !Object.is(value, -0) ? new BoundInteger(value as number) : value;
    }
    return original(sql, bound);
  };
}
