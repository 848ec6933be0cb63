/** A curve of a plot; it has an axis of its own. */
export interface Curve {
  label: string;
  /** What a value is in, e.g. `MB`. */
  unit: string;
  points: readonly (readonly [x: number, y: number])[];
}

const width = 720;
const panel = { left: 76, right: 20, top: 34, height: 150 };
const panelPitch = panel.top + panel.height + 12;

/** A few curves below each other over one x axis, as SVG that is legible on light and on dark pages. */
export function plotSvg(title: string, xLabel: string, curves: readonly Curve[]): string {
  const height = 40 + curves.length * panelPitch + 44;
  const mostX = roundUp(Math.max(...curves.flatMap(({ points }) => points.map(([x]) => x)), 1e-9));
  const panels = curves.map((curve, index) => panelSvg(curve, mostX, 40 + index * panelPitch));
  const bottom = 40 + curves.length * panelPitch - 12;
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (part) => `<text x="${xOf(part)}" y="${bottom + 18}" text-anchor="middle">${tick(mostX * part)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(title)}">
<style>
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600; font-size: 15px }
  .grid { stroke: #8c959f; stroke-opacity: .35 }
  .curve { fill: none; stroke: #0969da; stroke-width: 1.6; stroke-linejoin: round }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .curve { stroke: #58a6ff } }
</style>
<text class="title" x="${panel.left}" y="22">${escape(title)}</text>
${panels.join('\n')}
${ticks.join('\n')}
<text x="${(panel.left + width - panel.right) / 2}" y="${bottom + 38}" text-anchor="middle">${escape(xLabel)}</text>
</svg>
`;
}

function panelSvg({ label, unit, points }: Curve, mostX: number, y: number): string {
  const top = y + panel.top;
  const mostY = roundUp(Math.max(...points.map(([, value]) => value), 1e-9));
  const yOf = (value: number) => round(top + panel.height * (1 - value / mostY));
  const lines = [0, 0.5, 1].map((part) => {
    const at = yOf(mostY * part);
    const number = `<text x="${panel.left - 8}" y="${at + 4}" text-anchor="end">${tick(mostY * part)}</text>`;
    return `<line class="grid" x1="${panel.left}" x2="${width - panel.right}" y1="${at}" y2="${at}"/>${number}`;
  });
  const path = points.map(([x, value]) => `${xOf(x / mostX)},${yOf(value)}`).join(' ');
  return `<text x="${panel.left}" y="${top - 10}">${escape(label)}, ${escape(unit)}</text>
${lines.join('\n')}
<polyline class="curve" points="${path}"/>`;
}

function xOf(part: number): number {
  return round(panel.left + (width - panel.left - panel.right) * part);
}

/** The next of 1, 2, 2.5, 4, 5, 8, 10 times a power of ten: a quarter and a half of it are short numbers. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 2, 2.5, 4, 5, 8, 10].find((step) => step * power >= value * 0.999_999)!;
}

function tick(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
