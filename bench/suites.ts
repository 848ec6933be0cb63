import type { Suite } from './suite';
import { captureSuite } from './suites/capture';

/** In the order in which they run. */
export const suites: readonly Suite[] = [captureSuite];
