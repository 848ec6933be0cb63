import { rowOf, sameRow, type Shapes, shapeOf } from './shape';
import type { Row } from './stored';

/** An entry as a reader gets it, whichever way; images still in canonical form. */
export interface RawEntry {
  id: number;
  table: string;
  operation: string;
  transactionId: string;
  actor: string | null;
  reason: string | null;
  correlationId: string | null;
  source: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  /** Properties that differ between the images, as the trail says. */
  fields: string[];
}

/** An entry with its images as rows of the table. */
export interface Entry extends Omit<RawEntry, 'before' | 'after'> {
  before: Row | null;
  after: Row | null;
}

/** @throws where the entry contradicts itself: its operation or its changed fields do not follow from its images. */
export function toEntry(shapes: Shapes, raw: RawEntry): Entry {
  const shape = shapeOf(shapes, raw.table);
  const before = raw.before && rowOf(shape, raw.before);
  const after = raw.after && rowOf(shape, raw.after);
  if (before && after && sameRow(before, after))
    throw new Error(`entry ${raw.id} records a change that changed nothing`);
  const operation = operationOf(before, after, shape);
  if (operation !== raw.operation) throw new Error(`entry ${raw.id} is called ${raw.operation}, and is ${operation}`);
  const fields = Object.entries(shape.columns)
    .filter(([column]) => (before?.[column] ?? 'null') !== (after?.[column] ?? 'null'))
    .map(([, [property]]) => property);
  if (fields.sort().join() !== [...raw.fields].sort().join()) {
    throw new Error(`entry ${raw.id} says that ${raw.fields.join()} changed, and ${fields.join()} did`);
  }
  return { ...raw, before, after };
}

function operationOf(before: Row | null, after: Row | null, shape: { deletedAt?: string; junction?: true }): string {
  if (!before) return shape.junction ? 'link' : 'insert';
  if (!after) return shape.junction ? 'unlink' : 'delete';
  if (shape.deletedAt === undefined) return 'update';
  const wasDeleted = before[shape.deletedAt] !== 'null';
  const isDeleted = after[shape.deletedAt] !== 'null';
  if (wasDeleted === isDeleted) return 'update';
  return isDeleted ? 'soft_delete' : 'restore';
}
