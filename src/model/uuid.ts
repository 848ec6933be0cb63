const digits = '[\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12}';

/** A text that is a uuid, in capitals or in small letters. */
export const uuid = new RegExp(`^${digits}$`, 'i');

/** A key, or parts of one that is JSON text. */
const whole = new RegExp(`(?<=^|")${digits}(?=$|")`, 'gi');

/** The id, and where it has a uuid in capitals, as some drivers read it, the id by which entries of such a type have it. */
export function withSmallUuids(id: string): string[] {
  return [...new Set([id, id.replace(whole, (found) => found.toLowerCase())])];
}
