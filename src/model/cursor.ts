import { InvalidCursorError } from '../errors';

/** Place in the log behind the last entry of a page; opaque to callers. */
export function encodeCursor(id: number): string {
  return Buffer.from(`v1:${id}`).toString('base64url');
}

/** @throws InvalidCursorError where the text is not one that `encodeCursor` made. */
export function decodeCursor(cursor: string): number {
  const match = /^v1:(\d{1,16})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  const id = match ? Number(match[1]) : Number.NaN;
  if (!Number.isSafeInteger(id) || encodeCursor(id) !== cursor) {
    throw new InvalidCursorError('The cursor is not one that this log gave out.', { value: cursor });
  }
  return id;
}
