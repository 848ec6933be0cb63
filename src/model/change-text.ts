import type { RowChange } from './change';
import { sameStored } from './codec';
import type { Operation } from './entry';
import { ImageText, redactedText, valueText } from './image-text';
import type { StoredValue } from './stored-value';
import type { TableMap } from './table-map';

/** A change of a row in the terms of its entity, images and fields as JSON text. */
export interface ChangedText {
  entity: string;
  entityId: string | null;
  operation: Operation;
  before: string | null;
  after: string | null;
  /** Names of the fields that differ, in the order of the image. */
  fields: string;
  /** Id before an update that gave the row another key, else null. */
  movedFrom: string | null;
}

const changedText = '{"$redacted":true,"changed":true}';

/** Says what the changes of rows of one map mean; derived from the images alone, so raw SQL is labelled as well. */
export class ChangeText {
  private readonly images: ImageText;
  private readonly deleteDate: number;

  constructor(private readonly map: TableMap) {
    this.images = new ImageText(map);
    this.deleteDate = map.columns.findIndex(({ property, redacted }) => property === map.deleteDate && !redacted);
  }

  /** Undefined for an update whose images are the same bytes: a trigger can't tell 0.0 from -0.0 and records both. */
  write({ before, after }: RowChange): ChangedText | undefined {
    if (before && after) return this.update(before, after);
    const row = (after ?? before)!;
    const image = this.images.image(row);
    const { junction } = this.map;
    return {
      entity: this.images.entity(row),
      entityId: this.entityId(row),
      operation: after ? (junction ? 'link' : 'insert') : junction ? 'unlink' : 'delete',
      before: after ? null : image,
      after: after ? image : null,
      fields: this.images.fields(row),
      movedFrom: null,
    };
  }

  private update(before: readonly StoredValue[], after: readonly StoredValue[]): ChangedText | undefined {
    let was = '';
    let is = '';
    let fields = '';
    for (const { index, kind, redacted, name, prefix } of this.images.columns) {
      const old = before[index] ?? null;
      const now = after[index] ?? null;
      const isSame = redacted ? now !== 1n : sameStored(old, now);
      const text = redacted ? redactedText : valueText(kind, old);
      was += prefix + text;
      is += prefix + (isSame ? text : redacted ? changedText : valueText(kind, now));
      if (!isSame) fields += fields === '' ? name : `,${name}`;
    }
    if (fields === '') return undefined;
    const entityId = this.entityId(after);
    return {
      entity: this.images.entity(after),
      entityId,
      operation: this.operation(before, after),
      before: `${was}}`,
      after: `${is}}`,
      fields: `[${fields}]`,
      movedFrom: this.previousId(before, after, entityId),
    };
  }

  private previousId(before: readonly StoredValue[], after: readonly StoredValue[], id: string | null): string | null {
    if (this.images.key.every((index) => sameStored(before[index] ?? null, after[index] ?? null))) return null;
    const previous = this.images.entityId(before);
    return previous === id ? null : previous;
  }

  private entityId(row: readonly StoredValue[]): string | null {
    return this.images.hasKey ? this.images.entityId(row) : null;
  }

  private operation(before: readonly StoredValue[], after: readonly StoredValue[]): Operation {
    if (this.deleteDate < 0) return 'update';
    const wasDeleted = (before[this.deleteDate] ?? null) !== null;
    const isDeleted = (after[this.deleteDate] ?? null) !== null;
    if (wasDeleted === isDeleted) return 'update';
    return isDeleted ? 'soft_delete' : 'restore';
  }
}
