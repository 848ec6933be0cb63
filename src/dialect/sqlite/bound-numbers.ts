import type { ParameterSeam } from '../../typeorm-line';

/**
 * TypeORM's SQLite drivers write numbers into the SQL of query builders, so that `update({ id: 1 })` and
 * `update({ id: 2 })` are two statements and each is compiled anew, triggers and all: most of the cost of a captured
 * update. Here numbers of writing statements, and those that TypeORM itself puts into conditions, are parameters, bound
 * as what the literal was: INTEGER, or REAL. Those that people name in a SELECT stay: an integer there can be a
 * column's number (ORDER BY 1).
 */
export class BoundNumber {
  constructor(private readonly value: number) {}

  /** What to bind where the driver binds every number as REAL. */
  toBinding(): bigint | number {
    return Number.isInteger(this.value) ? BigInt(this.value) : this.value;
  }

  /** What to bind where the driver tells INTEGER from REAL by the number. */
  valueOf(): number {
    return this.value;
  }

  /** For loggers and error reports. */
  toJSON(): number {
    return this.value;
  }

  toString(): string {
    return this.value.toString();
  }
}

const writes = /^\s*(?:UPDATE|DELETE|INSERT)\b/i;
/** Names that TypeORM gives to the values of its own conditions, such as those of `find`. */
const ownName = /^orm_param_\d+$/;

/** @param isExact whether the driver binds a number as what its literal stands for */
export function bindNumbers(driver: ParameterSeam, isExact: (value: number) => boolean = () => true): void {
  const original = driver.escapeQueryWithParameters.bind(driver);
  driver.escapeQueryWithParameters = (sql, parameters, ...native) => {
    const isWriting = writes.test(sql);
    const bound: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(parameters)) {
      const isBound =
        typeof value === 'number' && (isWriting || ownName.test(name)) && isAsLiteral(value) && isExact(value);
      bound[name] = isBound ? new BoundNumber(value) : value;
    }
    return original(sql, bound, ...native);
  };
}

/** What the driver can bind as the very value that the literal stands for: `-0` is an integer there, 1e21 a REAL. */
function isAsLiteral(value: number): boolean {
  if (Number.isInteger(value)) return Number.isSafeInteger(value) && !Object.is(value, -0);
  return Number.isFinite(value);
}
