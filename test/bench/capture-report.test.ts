import { describe, expect, it } from 'vitest';
import { type ContestantName, contestantNames, type RoundAnswer } from '../../bench/suites/capture/contestant';
import { report } from '../../bench/suites/capture/report';
import { writePaths } from '../../bench/suites/capture/write-paths';

const path = writePaths[0]!;
const operations = 10;

/** Three rounds of each contestant, at these microseconds for all operations. */
function rounds(cpu: Partial<Record<ContestantName, number>>, more: Partial<RoundAnswer> = {}) {
  const answer = (name: ContestantName): RoundAnswer => ({
    cpu: cpu[name] ?? 1000,
    wall: 1000,
    recorded: name === 'plain' || name === 'control' ? 0 : operations * path.rows,
    sample: undefined,
    pragmas: 'synchronous=1',
    ...more,
  });
  return new Map(contestantNames.map((name) => [name, [answer(name), answer(name), answer(name)]]));
}

function reportOf(all: ReturnType<typeof rounds>) {
  return report([{ path, operations, rounds: all }], false);
}

const sound = { audited: 1600, auditedWithoutDrain: 1200, subscriber: 1500, subscriberInMemory: 1100, floor: 100 };

describe('report of the capture suite', () => {
  it('divides what an audited write takes more by what the floor takes', () => {
    const { figures, problems } = reportOf(rounds(sound));
    expect(problems).toEqual([]);
    expect(figures).toMatchObject({
      paths: [
        {
          path: path.name,
          ratioToPlain: { audited: { median: 1.6 }, auditedWithoutDrain: { median: 1.2 }, control: { median: 1 } },
          extraCpuMicrosecondsPerRow: { auditedWithoutDrain: { median: 20 } },
          extraPerFloor: { audited: { median: 6 }, auditedWithoutDrain: { median: 2 } },
        },
      ],
    });
  });

  it('says that it is broken when audited is cheaper than plain', () => {
    expect(reportOf(rounds({ ...sound, audited: 990 })).problems).toEqual([
      `${path.name}: audited / plain is 0.990, below 1.00`,
    ]);
  });

  it('says so when there are not as many records as changes', () => {
    const all = rounds(sound);
    all.get('audited')![1]!.recorded -= 1;
    expect(reportOf(all).problems).toEqual([`${path.name}: audited has 9 records of 10 changes`]);
  });

  it('says so when a contestant is missing, or was missing for a round', () => {
    const all = rounds(sound);
    all.delete('subscriber');
    all.get('floor')!.pop();
    expect(reportOf(all).problems).toEqual([
      `${path.name}: subscriber is missing in 3 of 3 rounds`,
      `${path.name}: floor is missing in 1 of 3 rounds`,
    ]);
  });

  it('says so when the contestants are not set up alike', () => {
    const all = rounds(sound);
    all.get('plain')![0]!.pragmas = 'synchronous=2';
    expect(reportOf(all).problems).toHaveLength(1);
  });
});
