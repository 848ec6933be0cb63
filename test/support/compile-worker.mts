import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Path of the compiled program of a reader's thread. */
    readerWorker: string;
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = 'src/readers/worker.ts';
const compilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.CommonJS,
  esModuleInterop: true,
  inlineSourceMap: true,
};

/** Compiles the program of a reader's thread, and what it loads, from the sources as they are: no build can be stale. */
export default function setup(project: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'audit-trail-worker-'));
  compile(directory);
  project.onTestsRerun(() => compile(directory));
  project.provide('readerWorker', join(directory, program.replace(/\.ts$/, '.js')));
  return () => rmSync(directory, { recursive: true, force: true });
}

function compile(directory: string): void {
  const files = new Set([join(root, program)]);
  for (const file of files) {
    const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions, fileName: file });
    const target = join(directory, relative(root, file).replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, outputText);
    for (const [, path] of outputText.matchAll(/\brequire\("(\.[^"]*)"\)/g)) {
      files.add(`${resolve(dirname(file), path!)}.ts`);
    }
  }
}
