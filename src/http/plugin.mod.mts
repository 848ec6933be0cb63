/** The ESM entry of the Fastify plugin: the CommonJS implementation under another name; see `index.mod.mts`. */
export * from './plugin.js';
export { auditTrailPlugin as default } from './plugin.js';
