import { createHash } from 'node:crypto';
import { encodeValue } from './codec';
import type { StoredValue } from './stored-value';

const modulus = 2n ** 256n;

/**
 * A digest over the rows of a table in whatever order: databases sort keys by rules of their own. It is the sum of the
 * rows' SHA-256, so that a row that comes twice counts twice.
 */
export class RowsDigest {
  private sum = 0n;
  private rows = 0;

  get count(): number {
    return this.rows;
  }

  /** @param row in normal form */
  add(row: readonly StoredValue[]): void {
    const text = JSON.stringify(row.map((value) => encodeValue('any', value)));
    this.sum = (this.sum + BigInt(`0x${createHash('sha256').update(text).digest('hex')}`)) % modulus;
    this.rows += 1;
  }

  /** 64 hexadecimal digits. */
  value(): string {
    return this.sum.toString(16).padStart(64, '0');
  }
}
