import type { AuditEntry } from '../../src/index';
import { judge, type Evidence } from '../../src/testing/oracle/judge';

/** A way to falsify the evidence, and the entries that it needs to bite on. */
interface Mutation {
  name: string;
  apply(entries: AuditEntry[]): AuditEntry[];
}

/** Every way in which capture could be wrong, one at a time, done to true evidence. */
export function mutationsOf(entries: readonly AuditEntry[]): Mutation[] {
  return entries.flatMap((entry, index) => {
    const of = `entry ${index + 1} (${entry.table} ${entry.operation})`;
    return [
      { name: `${of} removed`, apply: (list) => list.filter((_, at) => at !== index) },
      {
        name: `${of} recorded twice`,
        apply: (list) => list.flatMap((one, at) => (at === index ? [one, raised(one)] : [one])),
      },
      { name: `${of} with operations swapped`, apply: (list) => replaced(list, index, swapped) },
      {
        name: `${of} of another row`,
        apply: (list) => replaced(list, index, (one) => ({ ...one, entityId: 'other' })),
      },
      ...imageMutations(of, entry, index),
    ] satisfies Mutation[];
  });
}

function imageMutations(of: string, entry: AuditEntry, index: number): Mutation[] {
  const mutations: Mutation[] = [];
  for (const side of ['before', 'after'] as const) {
    for (const property of Object.keys(entry[side] ?? {})) {
      const edit = (name: string, change: (image: Record<string, unknown>) => void): void => {
        const apply = (list: AuditEntry[]): AuditEntry[] => {
          const copy = structuredClone(list);
          change(copy[index]![side]!);
          return copy;
        };
        mutations.push({ name: `${of}: ${side}.${property} ${name}`, apply });
      };
      edit('altered', (image) => (image[property] = altered(image[property])));
      edit('left out', (image) => delete image[property]);
      if (entry[side]![property] !== null) edit('lost', (image) => (image[property] = null));
    }
  }
  return mutations;
}

/** Another value of the same kind, as near as can be. */
function altered(value: unknown): unknown {
  if (value === null) return 0;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') return value.endsWith('0') ? `${value.slice(0, -1)}1` : `${value.slice(0, -1)}0`;
  return Array.isArray(value) ? [...(value as unknown[]), 0] : { ...value, extra: 0 };
}

function swapped(entry: AuditEntry): AuditEntry {
  const operation = entry.operation === 'insert' ? 'delete' : 'insert';
  return { ...entry, operation, before: entry.after, after: entry.before };
}

function raised(entry: AuditEntry): AuditEntry {
  return { ...entry, id: entry.id + 0.5 };
}

function replaced(list: AuditEntry[], index: number, change: (entry: AuditEntry) => AuditEntry): AuditEntry[] {
  return list.map((entry, at) => (at === index ? change(entry) : entry));
}

/** Names of the mutations that the judge let pass; there must be none. */
export function survivors(evidence: Evidence): string[] {
  return mutationsOf(evidence.entries)
    .filter((mutation) => judge({ ...evidence, entries: mutation.apply([...evidence.entries]) }).length === 0)
    .map(({ name }) => name);
}
