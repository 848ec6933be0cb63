import type { AuditEntry, AuditTrail, RecentQuery } from '../../../src/index';
import { encodeCursor } from '../../../src/model/cursor';
import { actorName, entityName } from '../../support/log/shape';

/** A read as somebody would make it; `draw` gives an entry of the log, so that frequent values come up more often. */
export interface ReadKind {
  name: string;
  /** Looks through the whole log, a turn at a time, or nearly: it is measured few times, and apart. */
  isSearch?: true;
  prepare: (draw: Draw) => Promise<(trail: AuditTrail) => Promise<unknown>>;
}

export interface Draw {
  /** An entry anywhere in the log. */
  entry: () => Promise<AuditEntry>;
  /** A whole number below `count`. */
  number: (count: number) => number;
  entries: number;
}

const hourMs = 3_600_000;

function recent(name: string, query: (entry: AuditEntry, draw: Draw) => RecentQuery, isSearch?: true): ReadKind {
  return {
    name: `recent: ${name}`,
    ...(isSearch && { isSearch }),
    async prepare(draw) {
      const asked = query(await draw.entry(), draw);
      return (trail) => trail.recent(asked);
    },
  };
}

/** The hour before an entry. */
function hour({ recordedAt }: AuditEntry): RecentQuery {
  const to = Date.parse(recordedAt);
  return { from: new Date(to - hourMs).toISOString(), to: new Date(to).toISOString() };
}

function cursorOf({ id }: AuditEntry): RecentQuery {
  return { cursor: encodeCursor(id) };
}

export const readKinds: readonly ReadKind[] = [
  recent('first page', () => ({})),
  recent('first page of 500', () => ({ limit: 500 })),
  recent('deep cursor', cursorOf),
  recent('entity', ({ entity }) => ({ entity })),
  recent('entity, deep cursor', (entry) => ({ entity: entry.entity, ...cursorOf(entry) })),
  recent('entity and id', ({ entity, entityId }) => ({ entity, entityId: entityId! })),
  recent('id of any entity', ({ entityId }) => ({ entityId: entityId! })),
  recent('operation', ({ operation }) => ({ operation })),
  recent('rare operation', () => ({ operation: 'restore' })),
  recent('operation that never occurs', () => ({ operation: 'truncate' })),
  recent('actor', ({ actor }) => ({ actor: actor! })),
  recent('any actor', (_, { number }) => ({ actor: actorName(number(10_000)) })),
  recent('correlation id', ({ correlationId }) => ({ correlationId: correlationId! })),
  recent('transaction id', ({ transactionId }) => ({ transactionId })),
  recent('field', () => ({ field: 'status' })),
  recent('from', (entry) => ({ from: hour(entry).from! })),
  recent('to', (entry) => ({ to: hour(entry).to! })),
  recent('from and to', hour),
  recent('actor, from, to', (entry) => ({ actor: entry.actor!, ...hour(entry) })),
  recent('entity and operation', ({ entity, operation }) => ({ entity, operation })),
  recent('entity and rare operation', ({ entity }) => ({ entity, operation: 'restore' })),
  recent('entity and actor of an entry', ({ entity, actor }) => ({ entity, actor: actor! })),
  recent('entity and any actor', ({ entity }, { number }) => ({ entity, actor: actorName(number(10_000)) })),
  recent('actor and any entity', ({ actor }, { number }) => ({ actor: actor!, entity: entityName(number(200)) })),
  recent('entity and field', ({ entity }) => ({ entity, field: 'comment' })),
  {
    name: 'history page',
    async prepare(draw) {
      const { entity, entityId } = await draw.entry();
      return (trail) => trail.history(entity, Number(entityId));
    },
  },
  { name: 'stats', prepare: async () => (trail) => trail.stats() },
  { name: 'dashboard', prepare: async () => (trail) => trail.dashboard() },
  recent('field that no entry has', () => ({ field: 'nothing' }), true),
  recent('most active actor, field that no entry has', () => ({ actor: actorName(0), field: 'nothing' }), true),
];
