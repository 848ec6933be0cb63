/**
 * TypeORM's SQLite drivers write integers into the SQL of query builders, so that `update({ id: 1 })` and
 * `update({ id: 2 })` are two statements and each is compiled anew, triggers and all: most of the cost of a captured
 * update. Here integers of writing statements, and those that TypeORM itself puts into conditions, are parameters. They
 * are bound as INTEGER, which is what the literal was. Those that people name in a SELECT stay: an integer there can
 * be a column's number (ORDER BY 1).
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
/** Names that TypeORM gives to the values of its own conditions, such as those of `find`. */
const ownName = /^orm_param_\d+$/;

export function bindIntegers(driver: ParameterSeam): void {
  const original = driver.escapeQueryWithParameters.bind(driver);
  driver.escapeQueryWithParameters = (sql, parameters) => {
    const isWriting = writes.test(sql);
    const bound: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(parameters)) {
      const isBound = (isWriting || ownName.test(name)) && Number.isSafeInteger(value) && !Object.is(value, -0);
      bound[name] = isBound ? new BoundInteger(value as number) : value;
    }
    return original(sql, bound);
  };
}
