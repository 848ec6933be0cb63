/** TEXT whose bytes are no valid UTF-8, which no string can hold. */
export class InvalidText {
  constructor(readonly bytes: Buffer) {}
}

/** A decimal number that is neither a whole number of 64 bits nor exactly a double; its digits in canonical form. */
export class ExactDecimal {
  constructor(readonly digits: string) {}
}

/**
 * A value exactly as a table holds it. The JavaScript type carries the storage class:
 * bigint is INTEGER, number is REAL, string is TEXT, Buffer is BLOB.
 * TEXT that is no valid UTF-8 is kept as its bytes, a decimal of a database that has them as its digits.
 */
export type StoredValue = null | bigint | number | string | Buffer | InvalidText | ExactDecimal;

/** Storage class of a value that is not null. */
export type StorageClass = 'integer' | 'real' | 'text' | 'blob';
