import type { Reference } from '../dialect/table-sql';

export interface TableOrder {
  /** Tables that others refer to come first, but for those that refer to each other. */
  tables: string[];
  /** Foreign keys between such tables, and of tables to themselves: no order holds them. */
  cyclic: Reference[];
}

/** Orders tables by their foreign keys; those to other tables do not count. */
export function orderTables(tables: readonly string[], references: readonly Reference[]): TableOrder {
  const known = new Set(tables);
  const inside = references.filter(({ table, to }) => known.has(table) && known.has(to));
  const to = new Map(tables.map((table) => [table, [] as string[]]));
  for (const reference of inside) to.get(reference.table)!.push(reference.to);
  const groups = strongGroups(tables, to);
  const groupOf = new Map(groups.flatMap((group, place) => group.map((table) => [table, place] as const)));
  return {
    tables: groups.flat(),
    cyclic: inside.filter((reference) => groupOf.get(reference.table) === groupOf.get(reference.to)),
  };
}

/** Tarjan's strongly connected components, each behind all that it leads to. */
function strongGroups(nodes: readonly string[], edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const numbers = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const visit = (node: string): void => {
    numbers.set(node, numbers.size);
    lowest.set(node, numbers.get(node)!);
    stack.push(node);
    for (const next of edges.get(node) ?? []) {
      if (!numbers.has(next)) visit(next);
      if (stack.includes(next)) lowest.set(node, Math.min(lowest.get(node)!, lowest.get(next)!));
    }
    if (lowest.get(node) === numbers.get(node)) found.push(stack.splice(stack.indexOf(node)));
  };
  for (const node of nodes) if (!numbers.has(node)) visit(node);
  return found;
}
