import { describe, expect, it } from 'vitest';
import { captureSql } from '../../src/dialect/mssql/capture-sql';
import type { ServerColumn, ServerTable } from '../../src/dialect/server-capture';
import type { MappedColumn, TableMap } from '../../src/model/table-map';

/**
 * The T-SQL of triggers, reviewed, for tables that between them have every form of a key, a column and a policy. A change
 * here is a change of every installed trigger: read the difference before you accept it with `vitest -u`.
 */
const sql = captureSql('dbo', { isUtc: true });

type Spec = Partial<Omit<MappedColumn, 'name'>> & Partial<ServerColumn> & { type: string };

function table(name: string, specs: Record<string, Spec>, more: Partial<TableMap & ServerTable> = {}): ServerTable {
  const columns = Object.entries(specs).map(([column, spec]): ServerTable['columns'][number] => {
    const { type, declaration = type.toUpperCase(), collation = null, isKey = false, isIdentity = false } = spec;
    const { isRowNumber = isIdentity } = spec;
    const live: ServerColumn = {
      table: name,
      name: column,
      type,
      declaration,
      collation,
      isKey,
      isIdentity,
      isRowNumber,
    };
    const { property = column, kind = 'text', redacted } = spec;
    const planned: MappedColumn = {
      name: column,
      property,
      kind,
      ...(isKey && { primary: true }),
      ...(redacted && { redacted }),
    };
    return { live, mapped: sql.mapped(live, planned) };
  });
  const { requires = [], warnsOf = [], ...map } = more;
  return {
    columns,
    requires,
    warnsOf,
    map: { entity: 'Entity', table: name, ...map, columns: columns.map(({ mapped }) => mapped) },
  };
}

const types = [
  'tinyint',
  'bigint',
  'bit',
  'decimal',
  'money',
  'float',
  'real',
  'date',
  'time',
  'datetime',
  'datetime2',
  'datetimeoffset',
  'uniqueidentifier',
  'varchar',
  'nvarchar',
  'varbinary',
  'timestamp',
  'xml',
  'hierarchyid',
  'sql_variant',
];

const tables: Record<string, ServerTable> = {
  'every type, numbered by the database': table('every_type', {
    id: { type: 'int', isKey: true, isIdentity: true },
    ...Object.fromEntries(types.map((type) => [`a ${type}`, { type }])),
    data: { type: 'nvarchar', kind: 'json' },
  }),
  'a key of two columns in another schema': table('sales.it]em', {
    code: { type: 'nvarchar', declaration: 'NVARCHAR(50)', collation: 'Latin1_General_CI_AS', isKey: true },
    part: { type: 'int', isKey: true },
    "o'clock": { type: 'nvarchar', property: 'when.exactly' },
  }),
  'a number that several rows may have': table('ticket', {
    code: { type: 'nvarchar', declaration: 'NVARCHAR(20)', collation: 'Latin1_General_CI_AS', isKey: true },
    id: { type: 'int', isIdentity: true, isRowNumber: false },
  }),
  'no key, and a junction': table(
    'loose',
    { a: { type: 'int' }, b: { type: 'nvarchar' } },
    { junction: true, warnsOf: ['context', 'reason'] },
  ),
  'classes, soft deletes, redaction and a policy': table(
    'animal',
    {
      id: { type: 'uniqueidentifier', isKey: true },
      kind: { type: 'nvarchar' },
      secret: { type: 'nvarchar', redacted: true },
      deletedAt: { type: 'datetime2' },
    },
    {
      discriminator: { property: 'kind', entities: { dog: 'Dog', "c'at": 'Cat' } },
      deleteDate: 'deletedAt',
      requires: ['context', 'reason'],
    },
  ),
};

describe('the triggers of a server', () => {
  it.each(Object.keys(tables))('%s', async (name) => {
    const { statements } = sql.trigger(tables[name]!, 7);
    const file = `./snapshots/${name.replace(/\W+/g, '-')}.sql`;
    await expect(`${statements.join('\nGO\n')}\n`).toMatchFileSnapshot(file);
  });

  it('see all rows of a table that is cleared: none comes between deleting them and truncating it', () => {
    expect(sql.deleteAll('sales.note')).toBe('DELETE FROM [sales].[note] WITH (TABLOCKX)');
  });

  it('are refused for columns that triggers cannot see, with what to do', () => {
    const column = {
      table: 'sales.note',
      name: 'body',
      declaration: '',
      collation: null,
      isKey: false,
      isIdentity: false,
      isRowNumber: false,
    };
    expect(sql.refusalOf({ ...column, type: 'ntext' })).toBe(
      "sales.note.body is of type ntext, which triggers can't see: ALTER TABLE [sales].[note] ALTER COLUMN [body] nvarchar(max)",
    );
    expect(sql.refusalOf({ ...column, type: 'image' })).toMatch(/varbinary\(max\)$/);
    expect(sql.refusalOf({ ...column, type: 'my_assembly_type' })).toContain('@NotAudited()');
    expect(sql.refusalOf({ ...column, type: 'nvarchar' })).toBeUndefined();
  });
});

it('triggers of tables whose names differ beyond the length of a name have names of their own', () => {
  const nameOf = (end: string) => sql.trigger(table(`${'t'.repeat(127)}${end}`, { id: { type: 'int' } }), 1).name;
  expect(nameOf('a')).toHaveLength(128);
  expect(nameOf('a')).not.toBe(nameOf('b'));
});
