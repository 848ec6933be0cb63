import { showCell } from './cell';
import { hiddenOf, recordable, visibleRow, visibleSnapshot, type HiddenColumns } from './hidden-columns';
import { isOfRow, judge, type Evidence } from './judge';
import { type RowChange, toRowChange } from './replay';
import { addRow, copySnapshot, differences, removeRow, rowText, type Snapshot } from './snapshot';
import { countChanges, describeCounts, type TrueChange } from './true-changes';

/** What a witness saw, and what the trail says about it. */
export interface WitnessedEvidence extends Pick<Evidence, 'before' | 'after' | 'entries' | 'maps'> {
  /** Every row change, in the order within a table. */
  truth: readonly TrueChange[];
  hidden: HiddenColumns;
}

export interface Judgement {
  problems: string[];
  /** As in `user.I, post.I×2`. */
  trueChanges: string;
  recorded: string;
}

/** Judges by replay, and change by change against what was seen: what cancels out in a replay can't hide either. */
export function judgeChanges({ before, after, truth, entries, maps, hidden }: WitnessedEvidence): Judgement {
  const expected = truth.map((change) => recordable(change, hidden)).filter((change) => change !== null);
  const recorded = entries.filter(isOfRow);
  // Of a marker only the trail knows; `judge` sees to what it says.
  const markers = entries.filter(({ operation }) => operation === 'truncate');
  const isWhole = leadsTo(before, after, truth);
  const problems = judge({
    before: visibleSnapshot(before, hidden),
    after: visibleSnapshot(after, hidden),
    entries,
    maps,
    expected: countChanges([...(isWhole ? expected : recorded), ...markers]),
    reshape: (change) => {
      const ofTable = hiddenOf(hidden, change.table);
      return { ...change, before: visibleRow(change.before, ofTable), after: visibleRow(change.after, ofTable) };
    },
  });
  const trueChanges = describeCounts(countChanges(expected));
  const counted = describeCounts(countChanges(recorded));
  // A trigger does not see what a conflict clause of a table deletes: then the replay alone must do.
  if (!isWhole) return { problems, trueChanges: `${trueChanges} and more`, recorded: counted };
  const changes: RowChange[] = [];
  for (const entry of recorded) {
    try {
      changes.push(toRowChange(entry, maps));
    } catch {
      // `judge` has said so.
    }
  }
  return { problems: [...problems, ...unequal(expected, changes)], trueChanges, recorded: counted };
}

/** Whatever the order: a trigger that fires within another is done first. */
function leadsTo(before: Snapshot, after: Snapshot, truth: readonly TrueChange[]): boolean {
  const state = copySnapshot(before);
  for (const change of truth) if (change.after) addRow(state.get(change.table)!, change.after);
  const met = truth.map((change) => change.before === null || removeRow(state.get(change.table)!, change.before));
  return !met.includes(false) && differences(state, after).length === 0;
}

/** Changes on one side only, as sentences. */
function unequal(expected: readonly TrueChange[], recorded: readonly TrueChange[]): string[] {
  const open = new Map<string, TrueChange[]>();
  for (const change of expected) open.set(textOf(change), [...(open.get(textOf(change)) ?? []), change]);
  const problems: string[] = [];
  for (const change of recorded) {
    if (!open.get(textOf(change))?.pop()) problems.push(`recorded, and it did not happen like that: ${show(change)}`);
  }
  for (const change of [...open.values()].flat()) problems.push(`it happened, and is not recorded so: ${show(change)}`);
  return problems;
}

function textOf({ table, before, after }: TrueChange): string {
  return JSON.stringify([table.toLowerCase(), before && rowText(before), after && rowText(after)]);
}

function show({ table, before, after }: TrueChange): string {
  const cells = Object.keys(after ?? before ?? {})
    .filter((column) => !before || !after || before[column] !== after[column])
    .map((column) => {
      if (!before || !after) return `${column} = ${showCell((after ?? before)?.[column])}`;
      return `${column} from ${showCell(before[column])} to ${showCell(after[column])}`;
    });
  const kind = before ? (after ? 'update' : 'delete') : 'insert';
  return `${kind} of ${table}: ${cells.join(', ')}`.slice(0, 400);
}
