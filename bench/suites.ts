import type { Suite } from './suite';
import { captureSuite } from './suites/capture';
import { checksSuite } from './suites/checks';
import { daySuite } from './suites/day';
import { drainSuite } from './suites/drain';
import { httpSuite } from './suites/http';
import { loopSuite } from './suites/loop';
import { memorySuite } from './suites/memory';
import { readingSuite } from './suites/reading';
import { visibleSuite } from './suites/visible';

/** In the order in which they run. */
export const suites: readonly Suite[] = [
  captureSuite,
  drainSuite,
  loopSuite,
  checksSuite,
  readingSuite,
  visibleSuite,
  httpSuite,
  daySuite,
  memorySuite,
];
