import type { ClassifiedStatement } from '../engine';
import { classify } from './classify';
import { hasReplaceClause } from './replace-clause';

/** What is asked about a statement before it runs. */
export function classified(sql: string): ClassifiedStatement {
  return {
    kind: classify(sql),
    replaces: hasReplaceClause(sql),
    readsCounts: /changes\s*\(/i.test(sql),
  };
}
