import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Suite } from '../suite';
import { Child } from '../support/child';
import { figure } from '../support/table';
import type { MemoryAnswer, MemoryRequest, MemorySample } from './memory/process';

const defaultMinutes = 10;

export const memorySuite: Suite = {
  name: 'memory',
  describes: 'ten minutes of steady work, or --minutes: memory, handles and connections, which must not grow',
  async run({ quick, minutes = defaultMinutes, folder, progress }) {
    const seconds = quick ? 5 : minutes * 60;
    progress(`${seconds} s of steady work`);
    const child = new Child<MemoryRequest, MemoryAnswer>(join(__dirname, 'memory', 'process.js'), []);
    let answer: MemoryAnswer;
    try {
      answer = await child.ask({ file: join(folder, 'memory.sqlite'), seconds, samples: quick ? 30 : 600 });
    } finally {
      await child.stop();
    }
    const { samples, changes, totalEntries, early, late } = answer;
    const problems = changes === totalEntries ? [] : [`memory: ${changes} changes, ${totalEntries} entries`];
    if (!isDeepStrictEqual(early, late)) {
      problems.push(`memory: open after a third ${JSON.stringify(early)}, at the end ${JSON.stringify(late)}`);
    }
    const measures = ['rssMegabytes', 'heapMegabytes', 'externalMegabytes'] as const;
    const thirds = measures.map((name) => {
      const [middle, last] = [1, 2].map((third) => mean(samples, third, name)) as [number, number];
      return { name, middle, last, growth: last / middle };
    });
    return {
      tables: [
        {
          title: `${changes.toLocaleString('en-US')} changes in ${seconds} s of steady work`,
          head: ['mean', 'middle third', 'last third', 'ratio'],
          rows: thirds.map(({ name, middle, last, growth }) => [name, figure(middle), figure(last), growth.toFixed(3)]),
          notes: [
            'reach: within 5 % over an hour; the heap after a collection',
            `open at the end: ${JSON.stringify(late)}`,
          ],
        },
      ],
      figures: { seconds, changes, thirds, early, late, samples },
      problems,
    };
  },
};

function mean(samples: readonly MemorySample[], third: number, name: keyof MemorySample): number {
  const size = samples.length / 3;
  const values = samples.slice(Math.floor(size * third), Math.floor(size * (third + 1))).map((sample) => sample[name]);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
