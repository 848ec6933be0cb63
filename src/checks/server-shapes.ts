import type { ServerCapture } from '../capture/server-start';
import { serverTable } from '../capture/server-table';
import type { Engine } from '../dialect/engine';
import type { LiveServerColumn } from '../dialect/server-capture';
import type { TableMap } from '../model/table-map';
import type { MetaStore } from '../store/meta-store';
import type { TableLook, TableShapes } from './check-tools';
import { mapOfLive } from './serial-shapes';

/** The tables of a server that triggers of ours capture. */
export class ServerShapes implements TableShapes {
  constructor(
    private readonly capture: ServerCapture,
    private readonly meta: MetaStore,
  ) {}

  get planned(): TableShapes['planned'] {
    return this.capture.plan.tables;
  }

  version(): undefined {
    return undefined;
  }

  /** The triggers have written under it, or will: who installed them has stored it. */
  idOf(engine: Engine, map: TableMap): number | undefined {
    return this.meta.numberOf(engine, map);
  }

  look(engine: Engine, table: string, stored: TableMap | undefined): TableLook | { reason: string } {
    const { triggers, session } = this.capture;
    const { sql, parameters } = session.revertSql.listColumns(table);
    const live = engine.execute(sql, parameters).rows as LiveServerColumn[];
    const columns = live.map(({ name }) => name);
    const plan = triggers.planOf(table);
    const planned = plan && live.length > 0 ? serverTable(session.captureSql, plan, live).map : undefined;
    const map = plan ? planned : mapOfLive(stored, columns);
    if (!map) return { reason: 'the table is not there' };
    const index = live.filter(({ keyPlace }) => keyPlace > 0).sort((a, b) => a.keyPlace - b.keyPlace);
    const isNull = live.some(
      ({ name, keyPlace, isRequired }) =>
        keyPlace === 0 && !isRequired && map.columns.some((column) => column.primary && column.name === name),
    );
    const isNamedOtherwise = live.some(
      (column) =>
        session.captureSql.isNamedOtherwise(column) &&
        map.columns.some(({ primary, name }) => primary && name === column.name),
    );
    if (isNamedOtherwise) return { reason: 'entries name its key as the database writes it' };
    if (isNull) return { reason: 'the columns of its key can be null' };
    return { columns, map, index: index.map(({ name }) => name), live };
  }
}
