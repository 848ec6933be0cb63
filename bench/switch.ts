/** `npm run bench:switch -- --entries N --to URL`: a whole log there and back, killed twice on the way. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type SwitchReport, switchDatabase } from '../src/switch/switch-database';
import { switchRows } from './switch-rows';
import { fillLog } from './support/log/fill-log';

const usage = `Usage: npm run bench:switch -- --entries N|--rows N --folder FOLDER --to URL

Makes a SQLite file with a log of N entries in FOLDER (or takes the one that an earlier run has made there), switches it to
the database of URL, which is to be empty, and kills the process after about a third and about two thirds of it. What the
third run ends is compared, switched back into another file of FOLDER, and that compared with the first.

With --rows N instead of --entries: a table of N rows, without a log and without a kill, there and back.`;

/** Kills a run once it has copied so many entries in all. */
const killedAt = [0.3, 0.65];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      entries: { type: 'string', default: '1000000' },
      rows: { type: 'string' },
      folder: { type: 'string' },
      to: { type: 'string' },
      run: { type: 'boolean', default: false },
      from: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const { folder, to, from } = values;
  if (values.run) return runOnce(from!, to!);
  const entries = Number((values.rows ?? values.entries).replaceAll('_', ''));
  if (values.help || !folder || !to || !Number.isSafeInteger(entries)) {
    console.error(usage);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  if (values.rows !== undefined) return switchRows(folder, to, entries);
  const source = join(folder, `switch-${entries}.sqlite`);
  const back = join(folder, `switch-${entries}-back.sqlite`);
  if (!existsSync(source))
    await fillLog({ file: source, entries, distribution: 'even', days: 60, seed: 1, onProgress: () => undefined });
  for (const share of killedAt) await killedRun(`sqlite:${source}`, to, share * entries);
  const there = await wholeRun(`sqlite:${source}`, to);
  report('there', there);
  const home = await wholeRun(to, `sqlite:${back}`);
  report('back', home);
  const compared = await switchDatabase(`sqlite:${source}`, `sqlite:${back}`, { verify: true });
  report('first and last', compared);
  const isSame = compared.ok && compared.comparison?.digest === there.comparison?.digest;
  console.log(isSame ? 'The first log came home as it was.' : 'THE FIRST LOG DID NOT COME HOME AS IT WAS.');
  if (!isSame) process.exitCode = 1;
}

/** In a process of its own: says how far it is, and at last its report. */
async function runOnce(from: string, to: string): Promise<void> {
  const report = await switchDatabase(from, to, {
    onProgress: (progress) => process.stdout.write(`${JSON.stringify({ progress })}\n`),
  });
  process.stdout.write(`${JSON.stringify({ report })}\n`);
}

interface Line {
  progress?: { phase: string; done: number; rate: number };
  report?: SwitchReport;
}

async function killedRun(from: string, to: string, at: number): Promise<void> {
  const child = start(from, to);
  for await (const { progress, report: ended } of linesOf(child)) {
    if (ended) throw new Error(`it ended before it was killed: ${JSON.stringify(ended.steps)}`);
    if (!progress || progress.done < at) continue;
    // Not between two blocks, where it is told, but somewhere in the next.
    await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill('SIGKILL');
    console.log(`killed behind ${progress.done.toLocaleString('en-US')} entries, at ${progress.rate} a second`);
    break;
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  if (child.signalCode !== 'SIGKILL') throw new Error(`it failed by itself, with exit code ${child.exitCode}`);
}

async function wholeRun(from: string, to: string): Promise<SwitchReport> {
  const child = start(from, to);
  for await (const { report: ended } of linesOf(child)) if (ended) return ended;
  throw new Error('it ended without a report');
}

function start(from: string, to: string): ChildProcess {
  return spawn(process.execPath, [__filename, '--run', '--from', from, '--to', to], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function* linesOf(child: ChildProcess): AsyncGenerator<Line> {
  let text = '';
  for await (const chunk of child.stdout!) {
    const lines = (text + String(chunk)).split('\n');
    text = lines.pop()!;
    for (const line of lines) yield JSON.parse(line) as Line;
  }
}

function report(what: string, { ok, copied, rate, comparison, durationMs, steps }: SwitchReport): void {
  const failed = steps.filter(({ status }) => status === 'failed');
  console.log(
    `${what}: ${ok ? 'ok' : `FAILED ${JSON.stringify(failed)}`}, copied ${copied} at ${rate ?? 0} a second, ` +
      `${(durationMs / 1000).toFixed(0)} s in all; ${comparison?.entries} compared in ${comparison?.blocks.length} blocks, ` +
      `${comparison?.onlyTo} beyond, digest ${comparison?.digest}`,
  );
}

void main();
