import type { ColumnMeasures, PlannedColumn } from '../../model/planned-table';
import type { LiveServerColumn } from '../server-capture';
import { columnKind } from './column-type';

/** What a column takes, from its type in full, such as `DECIMAL(10, 2)` or `NVARCHAR(max)`. */
export function plannedColumn({ name, type, declaration, isRequired, isGenerated }: LiveServerColumn): PlannedColumn {
  const [first, second] = (/\(([^)]*)\)/.exec(declaration)?.[1]?.split(',') ?? []).map(Number);
  const system = type.toLowerCase();
  return {
    name,
    type: system,
    kind: columnKind(system),
    ...measures(system, first, second),
    isNullable: isRequired !== 1,
    isComputed: isGenerated === 1,
  };
}

/** What the numbers in brackets behind a type say; those that are left out are as the database has them then. */
export function measures(type: string, first: number | undefined, second: number | undefined): ColumnMeasures {
  switch (type) {
    case 'decimal':
    case 'numeric':
      return { digits: { precision: first ?? 18, scale: second ?? 0 } };
    case 'money':
      return { digits: { precision: 19, scale: 4 } };
    case 'smallmoney':
      return { digits: { precision: 10, scale: 4 } };
    case 'datetime2':
    case 'datetimeoffset':
    case 'time':
      return { fraction: first ?? 7 };
    default:
      return first !== undefined && first > 0 ? { length: first } : {};
  }
}
