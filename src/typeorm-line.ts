import type { DataSource } from 'typeorm';

/**
 * What differs between TypeORM 0.3.30 and 1.x, as far as this library touches it: all else in here holds for both, and
 * nothing asks which one is there.
 */

/** Query runners have their DataSource as `dataSource`; before 1.0 it was `connection` alone, which is deprecated now. */
export function dataSourceOf(runner: { dataSource?: DataSource; connection?: DataSource }): DataSource {
  return (runner.dataSource ?? runner.connection)!;
}

/** Before 1.0 a third argument comes with it: parameters that the driver names itself. */
export interface ParameterSeam {
  escapeQueryWithParameters(
    sql: string,
    parameters: Record<string, unknown>,
    ...native: Record<string, unknown>[]
  ): [string, unknown[]];
}
