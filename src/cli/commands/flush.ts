import type { Command } from 'commander';
import { presentFlush } from '../../http/presenter';
import { type DatabaseOptions, databaseCommand, helpText, type JsonOption } from '../command';
import { findDatabase, refuseInMemory, refuseMissing, withTrail } from '../database';
import { alignLines, count, printJson, printText } from '../output';

/** `audit-trail flush`: turns what waits in the outbox into entries now. */
export function flushCommand(): Command {
  return databaseCommand('flush', 'print { flushed, pending_count, duration_ms }')
    .summary('turn what waits in the outbox into entries now')
    .description(
      'Turns every change that waits in the outbox into an entry of the log. ' +
        'It is safe beside a running application, and after one that was killed.',
    )
    .addHelpText(
      'after',
      helpText([
        'audit-trail flush --url sqlite:./data/app.sqlite',
        'audit-trail flush --data-source ./dist/data-source.js --json',
      ]),
    )
    .action(flush);
}

async function flush(options: DatabaseOptions & JsonOption): Promise<void> {
  const database = await findDatabase(options);
  refuseInMemory(database);
  refuseMissing(database);
  await withTrail(database, { migrate: false }, async (trail) => {
    const result = await trail.flush();
    if (options.json) return printJson(presentFlush(result));
    printText(
      alignLines([
        ['flushed', `${count(result.flushed, 'entry', 'entries')} in ${result.durationMs.toFixed(1)} ms`],
        ['waiting', result.pendingCount === 0 ? 'nothing' : count(result.pendingCount, 'change')],
      ]),
    );
  });
}
