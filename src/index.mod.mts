/** The ESM entry: the CommonJS implementation under another name, so that there is only one of it in a process. */
export * from './index.js';
