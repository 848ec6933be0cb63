import type { Suite } from './suite';
import { captureSuite } from './suites/capture';
import { drainSuite } from './suites/drain';
import { loopSuite } from './suites/loop';
import { readingSuite } from './suites/reading';

/** In the order in which they run. */
export const suites: readonly Suite[] = [captureSuite, drainSuite, loopSuite, readingSuite];
