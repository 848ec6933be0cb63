import { isDeepStrictEqual } from 'node:util';
import type { ValueTransformer } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';

/** A fixed instant: two runs write the same rows. */
const epoch = Date.UTC(2024, 1, 29, 12, 34, 56, 789);

/**
 * A value for a column as the entity holds it, another one for each serial as far as the type has room; undefined
 * where the type says too little.
 * @param secret makes a text that nothing else will hold by accident
 */
export function columnValue(column: ColumnMetadata, serial: number, secret = false): unknown {
  const plain = column.enum && !column.isArray ? enumValue(column.enum, serial) : typedValue(column, serial, secret);
  if (!column.transformer) return plain;
  // A transformer takes what its author has in mind; what comes back from it as it went in is of that kind.
  const list = Array.isArray(column.transformer) ? column.transformer : [column.transformer];
  const text = textValue(column, serial, secret);
  const candidates = [plain, text, serial, [text], { serial, text }, instant(serial), BigInt(serial), serial % 2 === 0];
  return candidates.find((value) => value !== undefined && comesBack(list, value));
}

function comesBack(transformers: readonly ValueTransformer[], value: unknown): boolean {
  try {
    let stored: unknown = value;
    for (const transformer of transformers) stored = transformer.to(stored);
    if (stored === undefined || stored === null || Number.isNaN(stored)) return false;
    if (typeof stored === 'object' && !Buffer.isBuffer(stored) && !(stored instanceof Date)) return false;
    for (const transformer of [...transformers].reverse()) stored = transformer.from(stored);
    return isDeepStrictEqual(stored, value);
  } catch {
    return false;
  }
}

function enumValue(values: readonly unknown[], serial: number): unknown {
  return values[serial % values.length];
}

function typedValue(column: ColumnMetadata, serial: number, secret: boolean): unknown {
  const { type } = column;
  if (type === String) return textValue(column, serial, secret);
  if (type === Number) return secret ? 7_391_000_000 + serial : serial;
  if (type === Boolean) return serial % 2 === 0;
  if (type === Date) return instant(serial);
  if (typeof type !== 'string') return undefined;
  if (type === 'simple-json' || type.startsWith('json'))
    return { serial, text: textValue(column, serial, secret), list: [null, true] };
  if (type === 'simple-array') return ['a', textValue(column, serial, secret).replaceAll(',', ' ')];
  if (type === 'uuid' || type === 'uniqueidentifier') return uuid(serial);
  if (type === 'date')
    return instant(serial * 86_400)
      .toISOString()
      .slice(0, 10);
  if (type === 'time') return instant(serial).toISOString().slice(11, 19);
  if (/^(datetime|timestamp|smalldatetime)/.test(type)) return instant(serial);
  if (/^bool/.test(type)) return serial % 2 === 0;
  if (type === 'bit') return serial % 2 === 0;
  // Beyond what a JavaScript number holds, where nobody has to look the row up by it.
  if (/^(bigint|int8|unsigned big int)$/.test(type))
    return isKey(column) ? String(serial) : String(9007199254740993n + BigInt(serial));
  if (/int/.test(type)) return secret ? 739_100_000 + serial : serial;
  if (/^(real|float|double)/.test(type)) return secret ? 7391000 + serial + 0.25 : serial + 0.25;
  if (/^(dec|numeric|number|money|smallmoney)/.test(type)) return secret ? 7391000 + serial + 0.5 : serial + 0.5;
  if (/blob|binary|bytea|image|rowversion/.test(type))
    return Buffer.from(`\u0000${textValue(column, serial, secret)}\u00ff`, 'latin1');
  if (/char|text|clob|string|xml/.test(type)) return textValue(column, serial, secret);
  return undefined;
}

function isKey({ isPrimary, referencedColumn }: ColumnMetadata): boolean {
  return isPrimary || referencedColumn !== undefined;
}

function instant(seconds: number): Date {
  return new Date(epoch + seconds * 1000);
}

function uuid(serial: number): string {
  return `00000000-0000-4000-8000-${serial.toString(16).padStart(12, '0')}`;
}

/** Ends in the serial, so that a short column still tells rows apart. */
function textValue({ propertyName, length, isPrimary }: ColumnMetadata, serial: number, secret: boolean): string {
  const end = serial.toString(36);
  const text = secret ? `secret ${propertyName} 7f3b91c4d2 ${end}` : `${propertyName} ${isPrimary ? '' : 'é '}${end}`;
  const most = Number(length) || Infinity;
  return text.length <= most ? text : text.slice(-most);
}
