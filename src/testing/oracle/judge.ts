import type { AuditEntry } from '../../index';
import type { ColumnMap, ColumnMaps } from './column-map';
import { replay, toRowChange, type RowChange } from './replay';
import { differences, rowText, type Row, type Snapshot } from './snapshot';
import { countChanges, type ChangeCounts, describeCounts } from './true-changes';

/** What happened between two snapshots, and what the trail says about it. */
export interface Evidence {
  before: Snapshot;
  after: Snapshot;
  /** In the order of the log. */
  entries: readonly AuditEntry[];
  maps: ColumnMaps;
  /** Row changes that truly happened, by table and kind. */
  expected: ChangeCounts;
  /** Where the schema changed in between: a change in the shape of `after`, into which `before` was brought already. */
  reshape?: (change: RowChange) => RowChange;
}

/** Everything that is wrong, a sentence each; none when capture was complete and exact. */
export function judge({ before, after, entries, maps, expected, reshape }: Evidence): string[] {
  const problems: string[] = [];
  const changes: RowChange[] = [];
  for (const entry of entries) {
    if (entry.operation === 'event') continue;
    if (entry.operation === 'truncate') {
      problems.push(...markerProblems(entry, maps));
      continue;
    }
    try {
      const change = toRowChange(entry, maps);
      changes.push(reshape ? reshape(change) : change);
      problems.push(...entryProblems(entry, change, maps.get(entry.schemaVersion)!));
    } catch (error) {
      problems.push(`entry ${entry.id} (${entry.table}): ${(error as Error).message}`);
    }
  }
  const forwards = replay(before, changes, 'forwards');
  const backwards = replay(after, changes, 'backwards');
  problems.push(...forwards.problems, ...backwards.problems);
  problems.push(...differences(forwards.state, after).map((text) => `replayed forwards, ${text}`));
  problems.push(...differences(backwards.state, before).map((text) => `replayed backwards, ${text}`));
  const markers = entries.filter(({ operation }) => operation === 'truncate');
  const counted = describeCounts(countChanges([...changes, ...markers]));
  if (counted !== describeCounts(expected))
    problems.push(`true changes are ${describeCounts(expected)}; recorded are ${counted}`);
  if (entries.some(({ id }, index) => index > 0 && id <= entries[index - 1]!.id)) problems.push('ids do not rise');
  return problems;
}

/** False for an event, and for the marker beside the deletes of a table that was emptied: they say nothing of a row. */
export function isOfRow({ operation }: AuditEntry): boolean {
  return operation !== 'event' && operation !== 'truncate';
}

function entryProblems(entry: AuditEntry, change: RowChange, map: ColumnMap): string[] {
  const problems: string[] = [];
  const { before, after } = change;
  if (!before && !after) problems.push('it has no image');
  if (before && after && rowText(before) === rowText(after)) problems.push('it changed nothing');
  const operation = operationOf(before, after, map);
  if (entry.operation !== operation) problems.push(`operation is ${entry.operation}, but its images say ${operation}`);
  problems.push(...changesProblems(entry, change, map));
  const image = entry.after ?? entry.before ?? {};
  const key = map.columns.filter(({ primary }) => primary).map(({ property }) => property);
  const id =
    key.length === 1
      ? textOf(image[key[0]!])
      : JSON.stringify(Object.fromEntries(key.map((name) => [name, image[name]])));
  if (key.length > 0 && entry.entityId !== id) problems.push(`entityId is ${entry.entityId}, but its image says ${id}`);
  return problems.map((problem) => `entry ${entry.id} (${entry.table}): ${problem}`);
}

/** A marker names the table that was emptied and its entity, and says nothing of any row. */
function markerProblems(entry: AuditEntry, maps: ColumnMaps): string[] {
  const problems: string[] = [];
  if (entry.before || entry.after || entry.changes.length > 0) problems.push('a marker has an image');
  if (entry.entityId !== null) problems.push('a marker names a row');
  const entities = [...maps.values()].filter(({ table }) => table === entry.table).map(({ entity }) => entity);
  if (!entities.includes(entry.entity)) problems.push(`a marker names the entity ${entry.entity}`);
  return problems.map((problem) => `entry ${entry.id} (${entry.table}): ${problem}`);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function operationOf(before: Row | null, after: Row | null, map: ColumnMap): string {
  if (!before) return map.junction ? 'link' : 'insert';
  if (!after) return map.junction ? 'unlink' : 'delete';
  const deleteDate = map.columns.find(({ property }) => property === map.deleteDate)?.name;
  const wasDeleted = deleteDate !== undefined && before[deleteDate] !== 'null';
  const isDeleted = deleteDate !== undefined && after[deleteDate] !== 'null';
  if (wasDeleted === isDeleted) return 'update';
  return isDeleted ? 'soft_delete' : 'restore';
}

/** `changes` must name exactly the columns whose stored values differ, with the values of the images. */
function changesProblems({ before, after, changes }: AuditEntry, rows: RowChange, map: ColumnMap): string[] {
  const differing = map.columns
    .filter(({ name }) => (rows.before?.[name] ?? 'null') !== (rows.after?.[name] ?? 'null'))
    .map(({ property }) => property);
  const named = changes.map(({ field }) => field);
  const problems: string[] = [];
  if ([...differing].sort().join() !== [...named].sort().join()) {
    problems.push(
      `changes name ${named.join(', ') || 'nothing'}; columns that differ are ${differing.join(', ') || 'none'}`,
    );
  }
  for (const change of changes) {
    const was = JSON.stringify(before?.[change.field] ?? null);
    const is = JSON.stringify(after?.[change.field] ?? null);
    if (JSON.stringify(change.before) !== was || JSON.stringify(change.after) !== is) {
      problems.push(`the change of ${change.field} differs from the images`);
    }
  }
  return problems;
}
