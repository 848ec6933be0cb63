import { EntitySchema } from 'typeorm';

export const entityCount = 200;
export const actorCount = 10_000;

export function entityName(index: number): string {
  return `Device${String(index).padStart(3, '0')}`;
}

export function actorName(index: number): string {
  return `user-${String(index).padStart(5, '0')}@example.org`;
}

/** The entities of the log: alike, of nine columns. */
export const logEntities = Array.from(
  { length: entityCount },
  (_, index) =>
    new EntitySchema({
      name: entityName(index),
      tableName: entityName(index).toLowerCase(),
      columns: {
        id: { type: 'integer', primary: true },
        name: { type: 'varchar' },
        status: { type: 'varchar' },
        value: { type: 'real' },
        count: { type: 'integer' },
        isActive: { type: 'boolean' },
        details: { type: 'varchar' },
        comment: { type: 'varchar' },
        updatedAt: { type: 'varchar' },
      },
    }),
);

const details =
  'location: hall 4, rack 17, slot 3; firmware 7.12.4; contact: operations desk; last check without finding; ';

/** An image as the library writes it, some 350 bytes of JSON; `revision` makes those of one row differ. */
export function imageText(row: number, revision: number, at: number): string {
  return `{"id":${row},"name":"device ${row}","status":"s${revision % 7}","value":${revision}.5,"count":${revision},"isActive":${revision % 2 === 0},"details":"${details}","comment":"reading ${revision} of device ${row}, taken by the collector in its hourly round","updatedAt":"${new Date(at).toISOString()}"}`;
}
