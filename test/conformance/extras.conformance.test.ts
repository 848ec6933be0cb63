import { afterAll } from 'vitest';
import { closeValuePaths } from './extras/close-values';
import { conflictClausePaths } from './extras/conflict-clauses';
import { foreignKeyPaths } from './extras/foreign-keys';
import { handedOnPaths } from './extras/handed-on-clauses';
import { migrationPaths } from './extras/migrations';
import { ormFeaturePaths } from './extras/orm-features';
import { replacedRowPaths } from './extras/replaced-rows';
import { replacingTablePaths } from './extras/replacing-tables';
import { schemaChangePaths } from './extras/schema-changes';
import { statementPaths } from './extras/statements';
import { tableShapePaths } from './extras/table-shapes';
import { userTriggerPaths } from './extras/user-triggers';
import { valuePaths } from './extras/values';
import { SqliteTarget } from './sqlite-target';
import { conformanceSuite } from './suite';

const target = new SqliteTarget('attach');

afterAll(() => target.dispose());

conformanceSuite(target, 'Features of the ORM', ormFeaturePaths);
conformanceSuite(target, 'Foreign keys', foreignKeyPaths);
conformanceSuite(target, 'Triggers of the application', userTriggerPaths);
conformanceSuite(target, 'Conflict clauses', [
  ...conflictClausePaths,
  ...replacingTablePaths,
  ...replacedRowPaths,
  ...handedOnPaths,
]);
conformanceSuite(target, 'Table shapes', tableShapePaths);
conformanceSuite(target, 'Statements', statementPaths);
conformanceSuite(target, 'Schema changes', [...migrationPaths, ...schemaChangePaths]);
conformanceSuite(target, 'Values', valuePaths);
conformanceSuite(target, 'Close values', closeValuePaths);
