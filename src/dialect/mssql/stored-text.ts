import { ExactDecimal, InvalidText, type StoredValue } from '../../model/stored-value';
import type { ServerColumn } from '../server-capture';

/** A value as it is bound: in the form of text that triggers give it. */
export function boundText(value: StoredValue): string | null {
  if (value === null) return null;
  if (value instanceof ExactDecimal) return value.digits;
  if (value instanceof InvalidText) return value.bytes.toString();
  if (Buffer.isBuffer(value)) return value.toString('hex');
  return Object.is(value, -0) ? '-0' : value.toString();
}

/** An expression of a column's type that is made of such a text. @param place that of the text */
export function fromText({ type, declaration, collation }: ServerColumn, place: string): string {
  switch (type.toLowerCase()) {
    case 'real':
      return `CONVERT(real, CONVERT(float, ${place}))`;
    case 'date':
    case 'datetime':
    case 'datetime2':
    case 'smalldatetime':
      // Style 126 has a T between date and time; without one it is 121.
      return `CONVERT(${declaration}, REPLACE(${place}, N'T', N' '), ${type.toLowerCase() === 'date' ? 23 : 121})`;
    // In the code page of the column, which may not be that of the database; what is too long is refused, not cut.
    case 'char':
    case 'varchar':
      return `CONVERT(varchar(max), ${place}${collation === null ? '' : ` COLLATE ${collation}`})`;
    case 'nchar':
    case 'nvarchar':
    case 'sysname':
      return place;
    case 'binary':
    case 'varbinary':
      return `CONVERT(varbinary(max), ${place}, 2)`;
    case 'geography':
    case 'geometry':
      return `CAST(CONVERT(varbinary(max), ${place}, 2) AS ${type})`;
    case 'hierarchyid':
      return `CAST(${place} AS hierarchyid)`;
    // Style 1 keeps blanks.
    case 'xml':
      return `CONVERT(xml, ${place}, 1)`;
    default:
      return `CONVERT(${declaration}, ${place})`;
  }
}

/** The same to look a key up by: of the very type, so that an index finds it. */
export function keyFromText(column: ServerColumn, place: string): string {
  const { type, declaration, collation } = column;
  switch (type.toLowerCase()) {
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'sysname':
      return `CONVERT(${declaration}, ${place}${collation === null ? '' : ` COLLATE ${collation}`})`;
    case 'binary':
    case 'varbinary':
      return `CONVERT(${declaration}, ${place}, 2)`;
    default:
      return fromText(column, place);
  }
}
