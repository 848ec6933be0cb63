import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import { rawTable } from '../model/raw-table';
import { PathList, type Model, type PathSpec } from '../write-path';

/** An entity over a table of the model's `setup`: columns as `id int, name nvarchar`, the key first and marked by `!`. */
export function table(name: string, columns: string, schema?: string): EntitySchema {
  const declared = columns.split(', ').map((column): [string, EntitySchemaColumnOptions['type'], boolean] => {
    const at = column.lastIndexOf(' ');
    const type = column.slice(at + 1);
    return [column.slice(0, at), type.replace('!', '') as EntitySchemaColumnOptions['type'], type.endsWith('!')];
  });
  const entity = rawTable(name, {
    key: declared.filter(([, , isKey]) => isKey).map(([column]) => column),
    columns: Object.fromEntries(declared.map(([column, type]) => [column, type])),
  });
  if (schema === undefined) return entity;
  return new EntitySchema({ ...entity.options, schema });
}

interface Statements extends Pick<PathSpec<unknown>, 'truth' | 'warning' | 'needs'> {
  before?: string[];
  /** In one transaction. */
  together?: true;
}

/** Paths that are statements, each judged by itself. */
export class StatementPaths {
  private readonly list: PathList;

  constructor(model: Model) {
    this.list = new PathList(model);
  }

  add(name: string, changes: string, statements: string[], { before = [], together, ...spec }: Statements = {}): this {
    this.list.add(name, {
      ...spec,
      changes,
      prepare: async ({ manager }) => {
        for (const statement of before) await manager.query(statement);
      },
      run: async (app) => {
        const { manager } = app;
        if (together) {
          await manager.transaction(async (inside) => {
            for (const statement of statements) await inside.query(statement);
          });
          return;
        }
        for (const statement of statements) {
          await manager.query(statement);
          await app.checkpoint();
        }
      },
    });
    return this;
  }

  /** A statement that fails, and of which nothing is left. */
  addFailing(name: string, statement: string, spec: Statements & { error?: RegExp } = {}): this {
    const { before = [], error = /./, ...rest } = spec;
    this.list.add(name, {
      ...rest,
      changes: 'none',
      prepare: async ({ manager }) => {
        for (const one of before) await manager.query(one);
      },
      run: async ({ manager }) => {
        const failure = await manager.query(statement).then(
          () => undefined,
          (thrown: unknown) => String(thrown),
        );
        if (failure === undefined) throw new Error('it did not fail');
        if (!error.test(failure)) throw new Error(`it failed otherwise: ${failure}`);
      },
    });
    return this;
  }

  get paths() {
    return this.list.paths;
  }
}
