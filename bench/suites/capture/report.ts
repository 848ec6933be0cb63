import type { SuiteResult } from '../../suite';
import { ratioOf, spreadOf } from '../../support/statistics';
import { figure, spreadText } from '../../support/table';
import { type ContestantName, contestantNames, guestName, type RoundAnswer } from './contestant';
import type { WritePath } from './write-path';

/** All rounds of one write path, of each contestant in the order in which they were taken. */
export interface PathRounds {
  path: WritePath;
  /** Of one round. */
  operations: number;
  rounds: Map<ContestantName, RoundAnswer[]>;
}

const audited = ['audited', 'auditedWithoutDrain'] as const;
const subscribers = ['subscriber', 'subscriberInMemory'] as const;
const compared = [...audited, ...subscribers, 'control'] as const;

/**
 * @param quick so few rounds that a ratio near 1 may come out below it by chance: then most of them must be below
 * @param notes lines below the first table
 */
export function report(results: PathRounds[], quick: boolean, notes: string[] = []): SuiteResult {
  const missing = results.flatMap(missingContestants);
  if (missing.length > 0) return { figures: {}, tables: [], problems: missing };
  const figures = results.map(figuresOf);
  const guest = figures.some((each) => each.guest) ? ['typeorm-auditing'] : [];
  const ratios = figures.map(({ path, ratioToPlain: ratio, guest }) => [
    path,
    ...compared.map((name) => spreadText(ratio[name])),
    ...(guest ? [spreadText(guest.ratioToPlain)] : []),
  ]);
  const extra = figures.map(
    ({ path, extraCpuMicrosecondsPerRow: cpu, floorCpuMicrosecondsPerRow: floor, extraPerFloor }) => [
      path,
      spreadText(floor),
      ...audited.flatMap((name) => [spreadText(cpu[name]), spreadText(extraPerFloor[name])]),
      spreadText(cpu.subscriber),
      spreadText(extraPerFloor.subscriber),
    ],
  );
  const records = figures.map(({ path, guest, ...each }) => {
    const { cpuMicrosecondsPerOperation: cpu, recordsPerOperation, rowsPerOperation } = each;
    return [
      path,
      spreadText(cpu.plain),
      spreadText(cpu.auditedWithoutDrain),
      spreadText(cpu.audited),
      String(rowsPerOperation),
      figure(recordsPerOperation.audited),
      figure(recordsPerOperation.subscriber),
      ...(guest ? [figure(guest.recordsPerOperation)] : []),
    ];
  });
  return {
    figures: { paths: figures },
    problems: results.flatMap((result, index) => problemsOf(result, figures[index]!, quick)),
    tables: [
      {
        title: 'CPU time of a write / the same write without audit (median, quartiles)',
        head: ['write path', 'audited', 'drain off', 'subscriber', 'in memory', 'plain again', ...guest],
        rows: ratios,
        notes: [
          'audited: what the drain does with the records belongs to it. drain off: the records stay in the outbox.',
          'subscriber: hand-written, into a table. in memory: the same, into a list. plain again: how far to trust these.',
          ...notes,
        ],
      },
      {
        title: 'Extra CPU time of a changed row, in microseconds, and as a multiple of the floor',
        head: ['write path', 'floor', 'audited', '/ floor', 'drain off', '/ floor', 'subscriber', '/ floor'],
        rows: extra,
        notes: ['floor: one prepared insert of the bytes of the record, in the same shape of transaction.'],
      },
      {
        title: 'CPU time of one operation, in microseconds, and what is recorded of it',
        head: ['write path', 'plain', 'drain off', 'audited', 'rows changed', 'entries', 'by subscriber', ...guest],
        rows: records,
      },
    ],
  };
}

function figuresOf({ path, operations, rounds }: PathRounds) {
  const costs = (name: ContestantName, pick: (answer: RoundAnswer) => number = ({ cpu }) => cpu) =>
    rounds.get(name)!.map((answer) => pick(answer) / operations);
  const plain = costs('plain');
  const floor = costs('floor').map((cpu) => cpu / path.rows);
  const extra = (name: ContestantName) => costs(name).map((cpu, round) => (cpu - plain[round]!) / path.rows);
  const each = <Name extends ContestantName, T>(names: readonly Name[], fn: (name: Name) => T) =>
    Object.fromEntries(names.map((name) => [name, fn(name)])) as Record<Name, T>;
  return {
    path: path.name,
    rowsPerOperation: path.rows,
    operationsPerRound: operations,
    cpuMicrosecondsPerOperation: each(contestantNames, (name) => spreadOf(costs(name))),
    wallMicrosecondsPerOperation: each(contestantNames, (name) => spreadOf(costs(name, ({ wall }) => wall))),
    ratioToPlain: each(compared, (name) => ratioOf(costs(name), plain)),
    floorCpuMicrosecondsPerRow: spreadOf(floor),
    extraCpuMicrosecondsPerRow: each(compared, (name) => spreadOf(extra(name))),
    extraPerFloor: each(compared, (name) => ratioOf(extra(name), floor)),
    recordsPerOperation: each(contestantNames, (name) => spreadOf(costs(name, ({ recorded }) => recorded)).median),
    ...(rounds.has(guestName) && {
      guest: {
        ratioToPlain: ratioOf(costs(guestName), plain),
        recordsPerOperation: spreadOf(costs(guestName, ({ recorded }) => recorded)).median,
      },
    }),
  };
}

function missingContestants({ path, rounds }: PathRounds): string[] {
  const names = [...contestantNames, ...(rounds.has(guestName) ? ([guestName] as const) : [])];
  const most = Math.max(...names.map((name) => rounds.get(name)?.length ?? 0));
  return names
    .filter((name) => most === 0 || rounds.get(name)?.length !== most)
    .map((name) => `${path.name}: ${name} is missing in ${most - (rounds.get(name)?.length ?? 0)} of ${most} rounds`);
}

/** What can't be, on any machine. */
function problemsOf(
  { path, operations, rounds }: PathRounds,
  { ratioToPlain, recordsPerOperation }: ReturnType<typeof figuresOf>,
  quick: boolean,
): string[] {
  const problems: string[] = [];
  for (const name of [...audited, 'floor'] as const) {
    for (const { recorded } of rounds.get(name)!) {
      if (recorded === operations * path.rows) continue;
      problems.push(`${path.name}: ${name} has ${recorded} records of ${operations * path.rows} changes`);
    }
  }
  // Not capture alone: it spares some of what plain pays, the compiling of statements that have numbers in their text.
  for (const name of ['audited', ...subscribers] as const) {
    const { median, q3 } = ratioToPlain[name];
    // What records nothing costs nothing, and what only fills a list so little that a few rounds can't show it.
    if (recordsPerOperation[name] === 0 || (quick && name === 'subscriberInMemory')) continue;
    const isBelow = (quick || name === 'subscriberInMemory' ? q3 : median) < 1;
    if (isBelow) problems.push(`${path.name}: ${name} / plain is ${median.toFixed(3)}, below 1.00`);
  }
  const pragmas = new Set([...rounds.values()].flat().map((answer) => answer.pragmas));
  if (pragmas.size > 1) problems.push(`${path.name}: the contestants differ in ${[...pragmas].join(' and ')}`);
  return problems;
}
