import { runAs } from './flow-context';
import { FlowRun, pause } from './flow-run';
import { Journal } from './journal';
import type { Program } from './program';
import type { Stage } from './stage';

/** Longer than any wait that ends by itself. */
const patienceMs = 30_000;

/** Runs a program: under audit all flows at the same time, otherwise one after the other. */
export async function runProgram(program: Program, stage: Stage): Promise<Journal> {
  const journal = new Journal();
  const flows = program.flows.map((flow, index) => () => {
    const run = new FlowRun(stage, journal, flow, index + 1, program.wild ?? false);
    return runAs(run.context, () => run.run());
  });
  if (!stage.isAudited) {
    for (const flow of flows) await flow();
    return journal;
  }
  const everybody = Promise.all([flushing(program, stage, journal), ...flows.map((flow) => flow())]);
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      const unfinished = [...journal.steps.values()].filter(({ result }) => result === 'unfinished');
      journal.problems.push(
        `the program hangs in ${unfinished.map(({ op, token }) => `${op} ${token}`).join(', ') || 'no step'}`,
      );
      resolve();
    }, patienceMs);
  });
  await Promise.race([everybody, patience]);
  clearTimeout(timer);
  return journal;
}

async function flushing({ flushes }: Program, stage: Stage, journal: Journal): Promise<void> {
  try {
    for (const length of flushes) {
      await pause(length);
      await stage.flush();
    }
  } catch (error) {
    journal.problems.push(`flush() failed: ${String(error)}`);
  }
}
