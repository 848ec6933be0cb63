/**
 * A value exactly as a table holds it. The JavaScript type carries the storage class:
 * bigint is INTEGER, number is REAL, string is TEXT, Buffer is BLOB.
 */
export type StoredValue = null | bigint | number | string | Buffer;

/** Storage class of a value that is not null. */
export type StorageClass = 'integer' | 'real' | 'text' | 'blob';

/** A row as stored, keyed by property path. */
export type StoredRow = Record<string, StoredValue>;
