import { createHash } from 'node:crypto';

/**
 * One stored value as text that differs whenever storage class or bytes differ: `null`, `integer:7`, `real:<8 bytes>`,
 * `decimal:<digits>`, `text:<bytes>`, `blob:<bytes>`, bytes in hexadecimal. The suite has a form of its own, so that a fault in the
 * library's idea of equality can't hide here as well.
 */
export type Cell = string;

/** Rows of 10 MB shall not make keys of 20 MB: longer values are told apart by digest and length. */
const longestInline = 4096;

export const nullCell: Cell = 'null';

export function integerCell(value: bigint): Cell {
  return `integer:${value}`;
}

/** All eight bytes, because -0 is not 0 and printing rounds. */
export function realCell(value: number): Cell {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return `real:${bytes.toString('hex')}`;
}

/** Of a database that keeps decimals as such. All values of a column have as many digits, so zeros at the end say nothing. */
export function decimalCell(text: string): Cell {
  const [, sign, whole, fraction = ''] = /^(-?)0*(\d*)(?:\.(\d*?)0*)?$/.exec(text) ?? [];
  if (whole === undefined || text === '') throw new Error(`${text} is no decimal`);
  const digits = `${whole || '0'}${fraction && `.${fraction}`}`;
  return `decimal:${digits === '0' ? '' : sign}${digits}`;
}

export function textCell(bytes: Buffer): Cell {
  return `text:${bytesText(bytes)}`;
}

export function blobCell(bytes: Buffer): Cell {
  return `blob:${bytesText(bytes)}`;
}

function bytesText(bytes: Buffer): string {
  if (bytes.length <= longestInline) return bytes.toString('hex');
  return `sha256 ${createHash('sha256').update(bytes).digest('hex')} of ${bytes.length} bytes`;
}

/** A cell for people: short, and readable where it is text. */
export function showCell(cell: Cell | undefined): string {
  if (cell === undefined) return '(missing)';
  const [type, bytes = ''] = cell.split(':');
  if (type === 'text' && !bytes.startsWith('sha256')) {
    const text = Buffer.from(bytes, 'hex').toString();
    // What is not UTF-8, or looks like a trace of it, is better shown as it is.
    return text.includes('\uFFFD') ? `text x'${bytes}'` : `text ${JSON.stringify(text)}`.slice(0, 80);
  }
  if (type === 'real') return `real ${Buffer.from(bytes, 'hex').readDoubleBE()} (${bytes})`;
  return cell.slice(0, 80);
}

/** What the cell holds as bytes: of a number its digits; undefined where it is NULL or told by its digest alone. */
export function cellBytes(cell: Cell): Buffer | undefined {
  const [type, bytes = ''] = cell.split(':');
  if (type === 'integer' || type === 'decimal') return Buffer.from(bytes);
  if (type === 'real') return Buffer.from(String(Buffer.from(bytes, 'hex').readDoubleBE()));
  const isWhole = (type === 'text' || type === 'blob') && !bytes.startsWith('sha256');
  return isWhole ? Buffer.from(bytes, 'hex') : undefined;
}
