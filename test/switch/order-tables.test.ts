import { expect, it } from 'vitest';
import fc from 'fast-check';
import { orderTables } from '../../src/switch/order-tables';

const key = (table: string, to: string) => ({ table, to, name: `${table}_${to}` });

it('what others refer to comes first', () => {
  const references = [
    key('line', 'order'),
    key('order', 'customer'),
    key('line', 'product'),
    key('product', 'elsewhere'),
  ];
  const { tables, cyclic } = orderTables(['line', 'order', 'customer', 'product'], references);
  expect(tables).toEqual(['customer', 'order', 'product', 'line']);
  expect(cyclic).toEqual([]);
});

it('keys that no order holds are told', () => {
  const references = [key('a', 'b'), key('b', 'c'), key('c', 'a'), key('c', 'd'), key('e', 'e'), key('f', 'a')];
  const { tables, cyclic } = orderTables(['a', 'b', 'c', 'd', 'e', 'f'], references);
  expect(tables.indexOf('d')).toBe(0);
  expect(tables.indexOf('f')).toBeGreaterThan(tables.indexOf('a'));
  expect(cyclic.map(({ name }) => name)).toEqual(['a_b', 'b_c', 'c_a', 'e_e']);
});

it('whatever the keys are, each holds in the order or is told', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const one = fc.constantFrom(...names);
  fc.assert(
    fc.property(fc.array(fc.tuple(one, one), { maxLength: 15 }), (pairs) => {
      const references = pairs.map(([table, to]) => key(table, to));
      const { tables, cyclic } = orderTables(names, references);
      expect([...tables].sort()).toEqual(names);
      const leadsTo = (from: string, to: string, seen = new Set<string>()): boolean =>
        from === to || pairs.some(([a, b]) => a === from && !seen.has(b) && leadsTo(b, to, new Set([...seen, b])));
      for (const reference of references) {
        const isCyclic = leadsTo(reference.to, reference.table);
        expect(cyclic.includes(reference)).toBe(isCyclic);
        if (!isCyclic) expect(tables.indexOf(reference.to)).toBeLessThan(tables.indexOf(reference.table));
      }
    }),
  );
});
