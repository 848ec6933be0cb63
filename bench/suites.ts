import type { Suite } from './suite';
import { captureSuite } from './suites/capture';
import { drainSuite } from './suites/drain';
import { loopSuite } from './suites/loop';

/** In the order in which they run. */
export const suites: readonly Suite[] = [captureSuite, drainSuite, loopSuite];
