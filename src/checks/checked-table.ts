import type { KeyedTable } from '../dialect/check-sql';
import type { ImageText } from '../model/image-text';
import type { RowNames } from '../model/row-names';
import type { TableMap } from '../model/table-map';

/** A table as it is now, with all that comparing its rows with the trail takes. */
export interface CheckedTable {
  map: TableMap;
  mapId: number;
  keyed: KeyedTable;
  text: ImageText;
  /** How the trail names the rows of this table. */
  names: RowNames;
  notCompared: { column: string; reason: string }[];
}

/** Why a table can't be looked at. */
export interface UnreadableTable {
  reason: string;
}
