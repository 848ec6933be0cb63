import type { Command } from 'commander';
import type { BaselineReport } from '../../reports';
import { checkCommand, type CheckCommandOptions, skippedLines, withCheck } from '../check-command';
import { helpText } from '../command';
import { alignLines, count, type Line, printJson, printText } from '../output';

/** `audit-trail baseline`: an entry for every row that has none yet. */
export function baselineCommand(): Command {
  return checkCommand('baseline', 'print what was recorded as JSON')
    .summary('write an entry for every row that has none yet')
    .description(
      'Writes a baseline entry, with the row as it is, for every row of the audited tables that has no entry yet, so ' +
        'that the history of every row is complete. It is safe beside a running application; broken off, it goes on ' +
        'where it was; a second run finds nothing to do.',
    )
    .addHelpText(
      'after',
      helpText(
        [
          'audit-trail baseline --data-source ./dist/data-source.js',
          "audit-trail baseline --data-source ./dist/data-source.js --entity Order --reason 'start of the trail'",
        ],
        {
          notes:
            'With --url alone, the tables are those whose changes are in the log already: a\n' +
            'database does not know its entities.',
        },
      ),
    )
    .action(baseline);
}

async function baseline(options: CheckCommandOptions): Promise<void> {
  const report = await withCheck(options, 'audit-trail baseline', (trail, check) => trail.baseline(check));
  if (options.json) printJson(present(report));
  else printText(describe(report));
}

function present({ tables, rows, recorded, skipped, durationMs }: BaselineReport) {
  return { rows, recorded, tables, skipped, duration_ms: durationMs };
}

function describe({ tables, rows, recorded, skipped, durationMs }: BaselineReport): string {
  const seconds = (durationMs / 1000).toFixed(1);
  const lines: Line[] = [
    [
      'recorded',
      `${count(recorded, 'row')} of ${rows.toLocaleString('en-US')} in ${seconds} s; the others had entries`,
    ],
    ...tables.map((table): Line => [
      `  ${table.table}`,
      `${count(table.recorded, 'row')} of ${table.rows.toLocaleString('en-US')}`,
    ]),
    ...skippedLines(skipped),
  ];
  return alignLines(lines);
}
