/** What became of one write path of one entity. */
export interface ConformanceResult {
  entity: string;
  path: string;
  /**
   * `exact`: recorded completely and exactly. `wrong`: it was not. `failed`: the write, or the rows that it needs, were
   * refused. `skipped`: by an option. `does not apply`: the entity has nothing to try it on.
   */
  verdict: 'exact' | 'wrong' | 'failed' | 'skipped' | 'does not apply';
  /** Row changes that happened, as in `invoice.I, line.D×2`: inserts, updates and deletes by table. */
  trueChanges: string;
  /** The same of what the trail has. */
  recorded: string;
  /** Everything that is wrong, a sentence each. */
  problems: string[];
  /** Why it was not run. */
  reason?: string;
}

export interface ConformanceReport {
  /** Everything that was run is exact. */
  ok: boolean;
  results: ConformanceResult[];
  /** Entities whose changes are in no trail, by decorators or options. */
  notCaptured: { entity: string; table: string; reason: string }[];
}

/** The report as a table for a console, followed by what is wrong and by what was not run. */
export function formatReport({ results, notCaptured }: ConformanceReport): string {
  const ran = results.filter(({ reason }) => reason === undefined);
  const rows = ran.map(({ entity, path, trueChanges, recorded, verdict }) => [
    entity,
    path,
    trueChanges,
    recorded,
    verdict === 'exact' ? 'yes' : verdict.toUpperCase(),
  ]);
  const exact = ran.filter(({ verdict }) => verdict === 'exact').length;
  return [
    ...table([['entity', 'write path', 'true changes', 'recorded', 'exact'], ...rows]),
    '',
    `${exact} of ${ran.length} write paths complete and exact`,
    ...ran
      .filter(({ problems }) => problems.length > 0)
      .flatMap(({ entity, path, problems }) => ['', `${entity}: ${path}`, ...problems.map((text) => `  - ${text}`)]),
    ...section(
      'skipped',
      results
        .filter(({ verdict }) => verdict === 'skipped')
        .map(({ entity, path, reason }) => `${entity}: ${path}: ${reason}`),
    ),
    ...section('does not apply', lacking(results)),
    ...section(
      'not captured',
      notCaptured.map(({ entity, table: name, reason }) => `${entity} (${name}): ${reason}`),
    ),
  ].join('\n');
}

/** One line an entity and reason. */
function lacking(results: readonly ConformanceResult[]): string[] {
  const lines = new Map<string, string[]>();
  for (const { entity, path, verdict, reason } of results) {
    if (verdict !== 'does not apply') continue;
    const line = `${entity}, ${reason}: `;
    lines.set(line, [...(lines.get(line) ?? []), path]);
  }
  return [...lines].map(([line, paths]) => line + paths.join(', '));
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];
}

function table(rows: readonly string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
