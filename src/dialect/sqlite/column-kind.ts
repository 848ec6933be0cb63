import type { ColumnKind } from '../../model/table-map';

const kinds: Record<string, ColumnKind> = {
  integer: 'integer',
  int: 'integer',
  int2: 'integer',
  tinyint: 'integer',
  smallint: 'integer',
  mediumint: 'integer',
  bigint: 'bigint',
  int8: 'bigint',
  'unsigned big int': 'bigint',
  real: 'real',
  double: 'real',
  'double precision': 'real',
  float: 'real',
  numeric: 'decimal',
  decimal: 'decimal',
  boolean: 'boolean',
  datetime: 'instant',
  blob: 'blob',
  json: 'json',
  jsonb: 'json',
  'simple-json': 'json',
};

/** Every other type that TypeORM has for this database holds text. */
export function columnKind(type: string): ColumnKind {
  return kinds[type.toLowerCase()] ?? 'text';
}
