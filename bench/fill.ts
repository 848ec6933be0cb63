/** `npm run bench:fill -- --entries N --file F`: an audit log of any size, in minutes. */
import { existsSync, statSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { checkLog } from './support/log/check-log';
import { fillLog } from './support/log/fill-log';
import { openLog } from './support/log/open-log';

const usage = `Usage: npm run bench:fill -- --entries N --file FILE [--distribution even|skewed] [--days N] [--seed N]

Writes a SQLite file with an audit log of N entries, of 200 entities and 10,000 actors, straight into the audit tables;
then checks that the roll-ups equal a full count, and that the library reads it. FILE must not be there yet. An entry
takes about a kilobyte.`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      entries: { type: 'string' },
      file: { type: 'string' },
      distribution: { type: 'string', default: 'even' },
      days: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return console.log(usage);
  const { file, distribution } = values;
  const [entries, days, seed] = [values.entries, values.days, values.seed].map((text) =>
    Number(text?.replaceAll('_', '')),
  ) as [number, number, number];
  const isComplete =
    file !== undefined && [entries, days, seed].every((value) => Number.isSafeInteger(value) && value > 0);
  if (!isComplete || (distribution !== 'even' && distribution !== 'skewed') || existsSync(file)) {
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  const start = performance.now();
  let told = 0;
  const onProgress = (written: number) => {
    const seconds = (performance.now() - start) / 1000;
    if (seconds - told < 5 && written < entries) return;
    told = seconds;
    const rate = written / seconds;
    const left = Math.round((entries - written) / rate);
    const figures = `${written.toLocaleString('en-US')} of ${entries.toLocaleString('en-US')} entries, ${Math.round(rate)}/s`;
    console.error(written < entries ? `${figures}, ${left} s left` : `${figures}; now the indexes`);
  };
  await fillLog({ file, entries, distribution, days, seed, onProgress });
  console.error('checking the roll-ups against a full count');
  const problems = checkLog(file);
  const log = await openLog(file);
  const { totalEntries } = await log.trail.stats();
  const newest = (await log.trail.recent({ limit: 1 })).entries[0]?.id;
  await log.close();
  if (totalEntries !== entries || newest !== entries) {
    problems.push(`the library reads ${totalEntries} entries, the newest of them ${newest}, of ${entries}`);
  }
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(`${file}: ${entries} entries, ${Math.round(statSync(file).size / 2 ** 20)} MiB, ${seconds} s`);
}

void main();
