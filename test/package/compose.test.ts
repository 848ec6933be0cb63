import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';

it('compose.yaml defaults nothing that comes from the environment', () => {
  const text = readFileSync(resolve('compose.yaml'), 'utf8').replace(/^\s*#.*$/gm, '');
  const taken = [...text.matchAll(/(?<!\$)\$(?!\$)(\S+)/g)].map(([, what]) => what);
  expect(taken).not.toEqual([]);
  for (const what of taken) expect(what).toMatch(/^\{[A-Z_]+:\?/);
  expect(text).toMatch(/^ *API_KEYS:$/m);
});
