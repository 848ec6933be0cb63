import { rawTable } from '../model/raw-table';
import { type Model, PathList, type WritePath } from '../write-path';

const model: Model = {
  name: 'close values',
  entities: [
    rawTable('close', {
      columns: { id: 'integer', int_: 'integer', num_: 'numeric', text_: 'text', nocase_: 'text', rtrim_: 'text' },
    }),
  ],
  setup: [
    `CREATE TABLE close (id INTEGER PRIMARY KEY, int_ INTEGER, num_ NUMERIC, text_ TEXT, nocase_ TEXT COLLATE NOCASE,
      rtrim_ TEXT COLLATE RTRIM, free_, other_ INTEGER)`,
  ],
};

type Pair = [column: string, from: string, to: string, parameter?: unknown];

/** Values that SQL's comparison, a collation or JavaScript may take for equal. */
const pairs: Pair[] = [
  ['nocase_', `'abc'`, `'ABC'`],
  ['rtrim_', `'a'`, `'a  '`],
  ['text_', `'a'`, `'a '`],
  ['text_', `'a' || char(0) || 'b'`, `'a' || char(0) || 'c'`],
  ['text_', `'a'`, `'a' || char(0)`],
  ['text_', `char(233)`, `'e' || char(769)`],
  ['text_', `CAST(x'FF' AS TEXT)`, `CAST(x'FE' AS TEXT)`],
  ['text_', `CAST(x'FF' AS TEXT)`, `char(65533)`],
  ['text_', `''`, 'NULL'],
  ['text_', `'null'`, 'NULL'],
  ['text_', `'61'`, `x'3631'`],
  ['free_', '1', '1.0'],
  ['free_', '1', `'1'`],
  ['free_', '1.0', `'1.0'`],
  ['free_', `'a'`, `x'61'`],
  ['free_', `''`, `x''`],
  ['free_', '9007199254740992', '9007199254740992.0'],
  ['free_', '9007199254740993', '9007199254740992'],
  ['free_', '9223372036854775807', '9223372036854775808.0'],
  ['free_', '0.1', '0.1000000000000000055511151231257827'],
  ['free_', '0.1', '0.10000000000000002'],
  ['free_', '0', '0.0'],
  ['free_', '0.0', '?', -0],
  ['free_', '9e999', '1.7976931348623157e308'],
  ['num_', '9007199254740993', '9007199254740992'],
  ['num_', `'x'`, `'X'`],
  ['int_', `'1x'`, '1'],
  ['int_', '1.5', '1'],
];

function pairPath([column, from, to, ...parameters]: Pair): WritePath {
  const isSame = from === '0.1' && to.startsWith('0.1000000000000000055');
  return new PathList(model).add(`${column.slice(0, -1)} from ${from} to ${parameters.length > 0 ? '-0.0' : to}`, {
    changes: isSame ? 'none' : 'close.U×2',
    prepare: ({ manager }) => manager.query(`INSERT INTO close (id, ${column}) VALUES (1, ${from})`),
    run: async ({ manager, ...app }) => {
      await manager.query(`UPDATE close SET ${column} = ${to}`, parameters);
      await app.checkpoint();
      await manager.query(`UPDATE close SET ${column} = ${from}`);
    },
    // To the suite's own log, too, 0.0 and -0.0 look alike.
    ...(parameters.length > 0 && { truth: 'rows' as const }),
  }).paths[0]!;
}

export const closeValuePaths = pairs.map(pairPath);
