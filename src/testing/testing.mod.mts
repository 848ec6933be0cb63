/** The ESM entry of the conformance suite: the CommonJS implementation under another name; see `index.mod.mts`. */
export * from './testing.js';
