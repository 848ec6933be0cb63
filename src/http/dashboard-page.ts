import { createHash } from 'node:crypto';
import { stylesheet } from './dashboard-style';
import { number, tick, time, value } from './dashboard-text';
import { Html, html } from './html';
import type { DashboardJson, EntryJson } from './schemas';

/** Nothing is loaded and no script runs: the page is its own markup and one style sheet, known by its hash. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(stylesheet).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The dashboard as a page of its own. */
export function renderDashboard(dashboard: DashboardJson): string {
  const { pending_count: pending, complete_up_to: completeUpTo } = dashboard;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Audit trail</title>
        ${new Html(`<style>${stylesheet}</style>`)}
      </head>
      <body>
        <header>
          <h1>Audit trail</h1>
          <p>
            ${number(dashboard.total_entries)} entries, complete up to ${time(completeUpTo)}, ${number(pending)}
            pending.
            <a href="?fresh=true">Drain and reload</a>
          </p>
        </header>
        <main>
          <section>${operationCounts(dashboard)}</section>
          <section>
            <h2>Last 24 hours</h2>
            ${chart(dashboard.hours)}
          </section>
          <section>
            <h2>Last 30 days</h2>
            ${chart(dashboard.days)}
          </section>
          <section>
            <h2>Most changed</h2>
            ${ranking(dashboard.top_entities)}
          </section>
          <section>
            <h2>Most active, this month and last</h2>
            ${ranking(dashboard.top_actors)}
          </section>
          <section class="wide">
            <h2>Latest</h2>
            ${latest(dashboard.latest)}
          </section>
        </main>
      </body>
    </html>`.text;
}

function operationCounts({ entries_by_operation: counts }: DashboardJson): Html {
  const rows = Object.entries(counts).map(([name, count]) => ({ name, count: count ?? 0 }));
  return html`<h2>By operation</h2>
    ${ranking(rows.sort((a, b) => b.count - a.count))}`;
}

function ranking(rows: readonly { name: string; count: number }[]): Html {
  if (rows.length === 0) return html`<p class="empty">Nothing yet.</p>`;
  return html`<table>
    ${rows.map(
      ({ name, count }) =>
        html`<tr>
          <th scope="row">${name}</th>
          <td class="number">${number(count)}</td>
        </tr> `,
    )}
  </table>`;
}

/** Bars in units of the viewBox, ten wide with a gap of two, as high as their share of the highest. */
function chart(points: readonly { at: string; count: number }[]): Html {
  const highest = Math.max(1, ...points.map(({ count }) => count));
  const bars = points.map(({ at, count }, index) => {
    const height = (count / highest) * 80;
    return html`<g>
      <title>${at}: ${number(count)}</title>
      <rect class="hit" x="${index * 12}" y="0" width="12" height="80"></rect>
      <rect x="${index * 12 + 1}" y="${80 - height}" width="10" height="${height}"></rect>
    </g>`;
  });
  const label = `Entries over time, ${number(highest)} at most`;
  return html`<svg viewBox="0 0 ${points.length * 12} 80" preserveAspectRatio="none" role="img" aria-label="${label}">
      ${bars}
    </svg>
    <p class="axis"><span>${tick(points[0])}</span><span>${tick(points.at(-1))}</span></p>`;
}

function latest(entries: readonly EntryJson[]): Html {
  if (entries.length === 0) return html`<p class="empty">Nothing yet.</p>`;
  return html`<table>
    <thead>
      <tr>
        <th>When</th>
        <th>Who</th>
        <th>What</th>
        <th>Changes</th>
        <th>Why</th>
      </tr>
    </thead>
    ${entries.map(
      (entry) =>
        html`<tr>
          <td>${time(entry.recorded_at)}</td>
          <td>${entry.actor ?? '–'}</td>
          <td><b>${entry.operation}</b> ${entry.entity} ${entry.entity_id}</td>
          <td>${changes(entry)}</td>
          <td>${entry.reason ?? ''}</td>
        </tr> `,
    )}
  </table>`;
}

const shownChanges = 4;

function changes(entry: EntryJson): Html {
  const shown = entry.changes
    .slice(0, shownChanges)
    .map(({ field, before, after }) => html`<div>${field}: ${value(before)} → ${value(after)}</div>`);
  const more = entry.changes.length - shownChanges;
  return html`${shown}${more > 0 ? `and ${more} more` : ''}`;
}
