import { expect, it } from 'vitest';
import { ProgressBar } from '../../src/cli/progress';

function barOn(isTTY: boolean): { bar: ProgressBar; written: string[] } {
  const written: string[] = [];
  const write = (text: unknown) => written.push(String(text)) > 0;
  return { bar: new ProgressBar({ isTTY, write }), written };
}

it('draws a bar over itself on a terminal, and takes it away', () => {
  const { bar, written } = barOn(true);
  bar.update({ table: 'note', done: 1500, total: 3000 });
  bar.clear();
  expect(written).toEqual(['\r\u001b[K[###############---------------] 50 %  1,500 of 3,000  note', '\r\u001b[K']);
});

it('writes nothing where there is no terminal', () => {
  const { bar, written } = barOn(false);
  bar.update({ table: 'note', done: 1, total: 1 });
  bar.clear();
  expect(written).toEqual([]);
});
