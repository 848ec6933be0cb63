import type { QueryRunner } from 'typeorm';
import { ClosureSubjectExecutor } from 'typeorm/persistence/tree/ClosureSubjectExecutor.js';
import { NestedSetSubjectExecutor } from 'typeorm/persistence/tree/NestedSetSubjectExecutor.js';

/** On a query runner of ours: the same runner, whose `query` is the ORM's. */
export const ormView = Symbol.for('typeorm-audit-trail:orm-view');

/** A query runner, of ours or not. */
type AnyRunner = QueryRunner & { readonly [ormView]?: QueryRunner };

interface TreeExecutor {
  queryRunner: AnyRunner;
}

/* eslint-disable @typescript-eslint/no-explicit-any -- seam with TypeORM: arguments are passed through as they come */
type Method = (this: TreeExecutor, ...args: any[]) => Promise<any>;
type Prototype = Record<'insert' | 'update' | 'remove', Method>;

const marked = Symbol.for('typeorm-audit-trail:marked');

/**
 * What keeps trees in order writes through `queryRunner.query(sql, parameters)`, as applications do. So that it can be
 * told from them, it gets the view of the runner; runners that are not ours it uses as before.
 */
export function markTreeStatements(): void {
  for (const { prototype } of [ClosureSubjectExecutor, NestedSetSubjectExecutor]) {
    if (Object.hasOwn(prototype, marked)) continue;
    const methods = prototype as unknown as Prototype;
    for (const name of ['insert', 'update', 'remove'] as const) {
      const original = methods[name];
      methods[name] = function (...args) {
        const queryRunner = this.queryRunner[ormView];
        if (!queryRunner) return original.apply(this, args);
        return original.apply(Object.create(this, { queryRunner: { value: queryRunner } }) as TreeExecutor, args);
      };
    }
    Object.defineProperty(prototype, marked, { value: true });
  }
}
