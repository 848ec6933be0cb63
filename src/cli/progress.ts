import { performance } from 'node:perf_hooks';
import type { CheckProgress } from '../reports';

const width = 30;
const redrawMs = 100;

/** A bar on standard error, drawn over itself; nothing at all where that is no terminal. */
export class ProgressBar {
  #drawnAt = -Infinity;

  constructor(private readonly stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stderr) {}

  readonly update = (progress: CheckProgress): void => {
    const now = performance.now();
    if (!this.stream.isTTY || now - this.#drawnAt < redrawMs) return;
    this.#drawnAt = now;
    this.stream.write(`\r\u001b[K${bar(progress)}`);
  };

  /** Makes room for the answer. */
  clear(): void {
    if (this.#drawnAt !== -Infinity) this.stream.write('\r\u001b[K');
  }
}

function bar({ table, done, total }: CheckProgress): string {
  const share = total === 0 ? 1 : done / total;
  const filled = Math.round(share * width);
  const text = `${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')}`;
  return `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${Math.floor(share * 100)} %  ${text}  ${table}`;
}
