/** What happened to a table as a whole. In the outbox it takes the place of a business event, which always has a name. */
export interface Marker {
  marker: 'truncate';
  entity: string;
  table: string;
}
