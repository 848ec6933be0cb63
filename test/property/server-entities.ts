import { getMetadataArgsStorage, type ValueTransformer } from 'typeorm';
import { entities } from './entities';

const asDigits: ValueTransformer = {
  to: (value: Buffer | null | undefined) => value?.toString('hex') ?? value,
  from: (value: string | null) => (value === null ? null : Buffer.from(value, 'hex')),
};

/**
 * Declares the entities as somebody would who wrote them for SQL Server: its types, and references that it takes, which
 * wants one way at most for a deleted row to take others with it. Bytes are digits, which every server writes alike.
 * @param isOther it is not SQL Server: one tells triggers several times of rows that go with several others
 */
export function declareForServer(isOther: boolean): void {
  const { columns, relations } = getMetadataArgsStorage();
  const isOurs = (target: unknown) => entities.some((entity) => entity === target);
  for (const { target, options, mode } of columns) {
    if (!isOurs(target)) continue;
    delete options.collation;
    // Numbers of JavaScript, all of which fit.
    if (options.type === 'integer') options.type = 'bigint';
    if (options.type === 'bigint') options.transformer = { to: (n: unknown) => n, from: asNumber };
    if (options.type === 'real') options.type = 'float';
    if (mode === 'deleteDate') options.type = 'datetime';
    if (options.type === 'blob') options.transformer = asDigits;
    if (['varchar', 'text', 'blob'].includes(String(options.type)))
      Object.assign(options, { type: 'nvarchar', length: options.unique ? 100 : 'max' });
  }
  for (const { target, propertyName, options } of relations) {
    if (!isOurs(target)) continue;
    if (propertyName === 'editor') options.onDelete = 'NO ACTION';
    if (propertyName === 'author' && isOther) options.onDelete = 'SET NULL';
  }
}

/** The driver gives texts of numbers with 64 bits, of which TypeORM would take each for another than that of a program. */
function asNumber(value: string | number | null): string | number | null {
  const number = Number(value);
  return value === null || !Number.isSafeInteger(number) ? value : number;
}
