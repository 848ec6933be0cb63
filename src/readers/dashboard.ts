import type { Engine } from '../dialect/engine';
import type { Dashboard, Freshness } from '../reports';
import { dayBucket, hourBucket, monthBucket, type RollupReader } from '../store/rollup';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const hoursShown = 24;
const daysShown = 30;
const topShown = 10;

/** The dashboard without its newest entries: two queries, neither of which reads the log. */
export function buildDashboard(
  engine: Engine,
  rollups: RollupReader,
  now: number,
): Omit<Dashboard, 'latest' | keyof Freshness> {
  const thisHour = Math.floor(now / hourMs) * hourMs;
  const today = Math.floor(now / dayMs) * dayMs;
  const firstHour = thisHour - (hoursShown - 1) * hourMs;
  const firstDay = today - (daysShown - 1) * dayMs;
  const { entries, byOperation, byEntity, byHour } = rollups.summary(engine, hourBucket(firstDay));
  const byDay = new Map<string, number>();
  for (const [hour, count] of byHour) {
    const day = hour.slice(0, dayBucket(now).length);
    byDay.set(day, (byDay.get(day) ?? 0) + count);
  }
  return {
    totalEntries: entries,
    entriesByOperation: byOperation,
    topEntities: byEntity.slice(0, topShown),
    topActors: rollups.topActors(engine, monthBucket(now), topShown),
    hours: Array.from({ length: hoursShown }, (_, index) => {
      const at = firstHour + index * hourMs;
      return { at: new Date(at).toISOString(), count: byHour.get(hourBucket(at)) ?? 0 };
    }),
    days: Array.from({ length: daysShown }, (_, index) => {
      const at = dayBucket(firstDay + index * dayMs);
      return { at, count: byDay.get(at) ?? 0 };
    }),
  };
}
